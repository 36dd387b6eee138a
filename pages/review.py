"""Which returns wait for me, and may they count?"""

from ui import review

review.show()
