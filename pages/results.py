"""Who got which grade, why, and how far may it be trusted?"""

from ui import results

results.show()
