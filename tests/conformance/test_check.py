# SPDX-License-Identifier: MIT
"""Each lie that a conformance table can tell is found: tables with one fault each, in a folder of their own."""
import json
import pathlib
import tempfile
import unittest

import check
import ran
import table

TRUE = {"req_id": "rfc6120:1-a", "spec": "RFC 6120", "version": "2011", "section": "1", "level": "MUST",
        "side": "client", "area": "stream", "direction": "both", "requirement": "what is required",
        "test": "transcript:hello", "status": "done", "note": ""}
FILES = {
    "transcript/scenarios/hello.txt": "# rfc6120:1-a\nA: connect\n",
    "unit/test_jid.c": '/* cmocka_unit_test(test_gone) */\n#include "tables.h"\nstatic void test_parts(void **state)\n'
                       "{\n}\ncmocka_unit_test(test_parts),\n",
    "unit/tables.h": 'tsv_open(vectors, "jid.tsv");\n',
    "vectors/jid.tsv": "id\tinput\njid-001\tx\njid-003\t@xep-0060/example-001.xml\n",
    "integration/test_session.py": "class Login:\n    def test_login(self):\n        pass\n",
    "fuzz/gate.c": "int main(void);\n",
}
PROGRAMS = [{"name": "fuzz-gate", "suite": ["envoi:fuzz"]}, {"name": "layers", "suite": ["envoi:style"]}]
LOGS = {
    "envoi:unit / jid": "1..1\nok 1 - test_parts\n",
    "envoi:transcript / transcripts bytes,split": "1..1\nok 1 - /somewhere/scenarios/hello.txt\n",
    "envoi:integration+interop / session": "1..1\nok 1 - test_login\n",
    "envoi:fuzz / fuzz-gate": "",
    "envoi:style / layers": "",
}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tests, self.build = pathlib.Path(folder.name) / "tests", pathlib.Path(folder.name) / "build"
        for name, text in FILES.items():
            self.write(name, text)
        (self.build / "meson-info").mkdir(parents=True)
        (self.build / "meson-info/intro-tests.json").write_text(json.dumps(PROGRAMS))
        self.write("conformance/ids.txt", "rfc6120:1-a\n")

    def write(self, name, text):
        path = self.tests / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def rows(self, *changes, columns=table.COLUMNS, file="rfc6120.tsv"):
        lines = [columns] + [tuple({**TRUE, **change}.values()) for change in changes]
        self.write(f"conformance/{file}", "".join("\t".join(line) + "\n" for line in lines))

    def check(self, *strict):
        return check.check(self.tests, self.build, strict)

    def says(self, sentence, *strict):
        self.assertIn(sentence, "\n".join(self.check(*strict)[1]))

    def is_fine(self, *strict):
        self.assertEqual(self.check(*strict), (1, []))


class Form(Case):
    def test_true_row_passes(self):
        self.rows({})
        self.is_fine("rfc6120.tsv")

    def test_columns_have_one_order(self):
        self.rows({}, columns=table.COLUMNS[::-1])
        self.says("the columns must be req_id spec")

    def test_row_of_other_length_fails(self):
        self.write("conformance/rfc6120.tsv", "\t".join(table.COLUMNS) + "\nrfc6120:1-a\tRFC 6120\n")
        self.says("2 columns instead of 12")

    def test_unknown_words_fail(self):
        for column in ("level", "side", "direction", "status"):
            self.rows({column: "perhaps"})
            self.says(f"unknown {column} 'perhaps'")

    def test_row_in_the_file_of_another_specification_fails(self):
        self.rows({"spec": "RFC 6121"})
        self.says("a row of 'RFC 6121' stands in another file")

    def test_empty_requirement_fails(self):
        self.rows({"requirement": ""})
        self.says("no requirement")

    def test_white_space_at_an_edge_fails(self):
        self.rows({"area": "stream "})
        self.says("white space at the edge")


class Names(Case):
    def test_req_id_used_twice_fails(self):
        self.rows({}, {})
        self.says("2 rows have this req_id")

    def test_req_id_of_another_form_fails(self):
        self.rows({"req_id": "6120 1 a"})
        self.says("a req_id is made of")

    def test_changed_req_id_fails(self):
        self.rows({"req_id": "rfc6120:1-b"})
        self.says("rfc6120:1-a: the row is gone")

    def test_new_req_id_must_be_taken_up(self):
        self.rows({}, {"req_id": "rfc6120:1-b"})
        self.says("rfc6120:1-b: a new row")


class Claims(Case):
    def test_done_without_test_fails(self):
        self.rows({"test": ""})
        self.says("done, but no test shows it")

    def test_todo_with_test_fails(self):
        self.rows({"status": "todo"})
        self.says("has a test, but is still todo")

    def test_other_statuses_need_a_reason(self):
        for status in ("partial", "refused", "not-applicable"):
            for note in ("", "no"):
                self.rows({"status": status, "note": note})
                self.says(f"{status} without a reason")
            self.rows({"status": status, "note": "a server's duty"})
            self.is_fine()

    def test_tests_that_are_there_are_found(self):
        self.write("transcript/scenarios/hello.txt", "A: connect\n")
        for test in ("unit:test_jid/test_parts", "vector:jid.tsv/jid-001", "integration:session/test_login",
                     "fuzz:gate", "fuzz:fuzz-gate", "style:layers", "transcript:hello"):
            self.rows({"test": test})
            self.is_fine()

    def test_tests_that_are_not_there_fail(self):
        for test in ("transcript:goodbye", "unit:test_jid/test_gone", "unit:test_none/test_parts",
                     "vector:jid.tsv/jid-002", "vector:jid.tsv/jid-003", "vector:none.tsv/jid-001",
                     "integration:session/test_logout",
                     "integration:none/test_login", "fuzz:none", "style:gate", "nothing:at-all"):
            self.rows({"test": test})
            self.says(f"there is no test {test}")

    def test_names_of_no_form_fail(self):
        for test in ("hello", "transcript:", "unit:test_jid", "vector:jid.tsv/", "by hand: hello",
                     ":hello", "transcript: hello"):
            self.rows({"test": test})
            self.says(f"'{test}' is not the name of one test")

    def test_open_must_fails_where_none_may_be_open(self):
        for level, word in (("MUST", "MUST"), ("MUST NOT", "MUST NOT"), ("SHALL", "SHALL")):
            self.write("transcript/scenarios/hello.txt", "A: connect\n")
            self.rows({"status": "todo", "test": "", "level": level})
            self.says(f"a {word} is open", "rfc6120.tsv")
            self.is_fine("rfc6121.tsv")
        self.rows({"status": "todo", "test": "", "level": "SHOULD"})
        self.is_fine("rfc6120.tsv")


class Mentions(Case):
    def test_unknown_row_in_a_transcript_fails(self):
        self.write("transcript/scenarios/hello.txt", "# rfc6120:1-a rfc6120:1-z\n")
        self.rows({})
        self.says("hello.txt:1: there is no row rfc6120:1-z")

    def test_row_must_point_back_to_the_transcript(self):
        self.rows({"test": "unit:test_jid/test_parts"})
        self.says("rfc6120:1-a is shown by 'unit:test_jid/test_parts', not by transcript:hello")

    def test_row_must_point_back_to_the_function(self):
        self.write("transcript/scenarios/hello.txt", "A: connect\n")
        self.write("unit/test_jid.c", "/* rfc6120:1-a */\n" + FILES["unit/test_jid.c"])
        self.rows({"test": "unit:test_jid/test_parts"})
        self.is_fine()
        self.rows({"test": "transcript:hello"})
        self.says("rfc6120:1-a is shown by 'transcript:hello', not by unit:test_jid/test_parts")

    def test_row_must_point_back_to_the_method(self):
        self.write("integration/test_session.py", "    # rfc6120:1-a\n    def test_login(self):\n")
        self.rows({"test": "transcript:hello"})
        self.says("not by integration:session/test_login")

    def test_other_comments_name_no_row(self):
        self.write("transcript/scenarios/hello.txt", "# as in rfc6120:1-z\n")
        self.rows({})
        self.is_fine()


class Ran(Case):
    TESTS = ("unit:test_jid/test_parts", "vector:jid.tsv/jid-001", "integration:session/test_login", "fuzz:gate",
             "style:layers", "transcript:hello")

    def missing(self, *only, without=None, change=lambda text: text, result="OK"):
        lines = [json.dumps({"name": name, "stdout": change(text), "result": result})
                 for name, text in LOGS.items() if name != without]
        log = self.build / "testlog.json"
        log.write_text("\n".join(lines) + "\n")
        return ran.missing(self.tests, [log], only)

    def misses(self, **how):
        """What is missed of each test alone."""
        found = set()
        for test in self.TESTS:
            self.rows({"test": test})
            looked_for, faults = self.missing(**how)
            self.assertEqual(looked_for, 1)
            found |= {test} if any(f"error: {test} is named by a row" in fault for fault in faults) else set()
        return found

    def test_tests_that_ran_are_found(self):
        self.assertEqual(self.misses(), set())

    def test_program_that_did_not_run_is_missed(self):
        self.assertEqual(self.misses(without="envoi:unit / jid"), set(self.TESTS[:2]))
        self.assertEqual(self.misses(without="envoi:integration+interop / session"), {self.TESTS[2]})
        self.assertEqual(self.misses(without="envoi:fuzz / fuzz-gate"), {self.TESTS[3]})
        self.assertEqual(self.misses(without="envoi:style / layers"), {self.TESTS[4]})

    def test_sub_test_that_did_not_run_failed_or_was_skipped_is_missed(self):
        told_one_by_one = {self.TESTS[0], self.TESTS[2], self.TESTS[5]}
        for change in (lambda text: "", lambda text: text.replace("ok", "not ok"),
                       lambda text: text.replace("\n", " # SKIP no server\n"),
                       lambda text: text.replace("\n", "_again\n")):
            self.assertEqual(self.misses(change=change), told_one_by_one)

    def test_program_that_failed_is_missed(self):
        self.assertEqual(self.misses(result="FAIL"), {self.TESTS[1], self.TESTS[3], self.TESTS[4]})

    def test_part_of_a_run_is_asked_for_its_suites_only(self):
        self.rows({"test": "integration:session/test_login"})
        without = "envoi:integration+interop / session"
        self.assertEqual(self.missing("unit", without=without), (0, []))
        self.assertEqual(len(self.missing("integration", without=without)[1]), 1)


if __name__ == "__main__":
    unittest.main()
