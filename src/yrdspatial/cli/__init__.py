"""ON THE COMMAND LINE: the command ``yrd``; it parses, calls one public function, and shows or writes; no science."""
