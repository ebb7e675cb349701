# Runs one of the suites with its own options: it leaves them to unittest, which does not know them.
import runpy
import sys
import unittest

suite = sys.argv[1]
sys.argv = sys.argv[1:]
sys.path.insert(0, ".")
main = unittest.main


def main_without_options(*arguments, **options):
    sys.argv = sys.argv[:1]
    return main(*arguments, verbosity=2, **options)


unittest.main = main_without_options
runpy.run_path(suite, run_name="__main__")
