"""What was published when, and how far are first figures to be trusted?"""

from ui import editions

editions.show()
