"""What really changed, where, and against what?"""

from ui import overview

overview.show()
