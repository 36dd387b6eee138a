"""What does my unit owe, and is my return sound?"""

from ui import returns

returns.show()
