"""How does the force fare, as far as the survey can tell?"""

from ui import wellbeing

wellbeing.show()
