"""How do figures come in by Excel: template, reading, verdict, annotated copy?"""
