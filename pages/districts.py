"""Which units differ by more than chance explains?"""

from ui import districts

districts.show()
