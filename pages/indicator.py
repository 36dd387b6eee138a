"""How does one indicator of one unit run, against its history, last year and its parts?"""

from ui import indicator

indicator.show()
