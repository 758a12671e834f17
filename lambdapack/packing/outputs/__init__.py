"""What a build writes beside the package, and how outputs keep apart from inputs.

``apart`` nothing that is read is written, ``recognition`` which zip is a package of ours, ``depfile`` a rule for make,
``dating`` when make should think that it was made, ``manifest`` what went in.
"""
