"""Open311 GeoReport v2 over the hotline: apps that know the standard hand matters in and follow them.

What comes in this way is public, as the standard means it: description, place and state are listed for anyone, with
personal numbers masked; name, telephone and e-mail never are. Nothing that came another way is ever listed.
"""
