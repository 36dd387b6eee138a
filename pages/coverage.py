"""Who has filed what, in time or late, how complete is it, and whom does one have to call?"""

from ui import coverage

coverage.show()
