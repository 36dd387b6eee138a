"""Which units are there, what became of them, and how is that kept?"""

from ui import units

units.show()
