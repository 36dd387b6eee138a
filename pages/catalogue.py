"""How is each indicator defined and computed, and what may it be used for?"""

from ui import catalogue

catalogue.show()
