"""What do the checks ask, how often, of whom, and how do the returns fare?"""

from ui import quality

quality.show()
