package eval

import (
	"strings"
	"testing"

	"example.com/own/facts"
	"example.com/own/functions"
	"example.com/own/parser"
	"example.com/own/value"
)

var known = facts.Facts{"order.total": value.Number(120), "order.tags": value.List{value.Text("vip"), value.Text("new")}}

func evaluate(t *testing.T, source string) (value.Value, error) {
	t.Helper()
	table, err := functions.Standard()
	if err != nil {
		t.Fatal(err)
	}
	n, err := parser.Parse(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return Eval(n, known, table)
}

func TestEval(t *testing.T) {
	for _, source := range []string{
		`1 + 2 * 3 - 4 / 2 == 5`,
		`order.total > 100 and "vip" in order.tags`,
		`not order.paid == true`,
		`order.paid == nothing`,
		`false and 1 / 0 > 0 or true`,
		`-order.total < 0`,
		`"a" + "b" == "ab"`,

		`upper("tea") == "TEA" and lower("TEA") == "tea"`,
		`trim("  a ") == "a" and words(" a  b ") == ["a", "b"]`,
		`join(split("a-b", "-"), "+") == "a+b"`,
		`replace("aba", "a", "c") == "cbc"`,
		`contains("abc", "b") and prefix("abc", "ab") and suffix("abc", "bc")`,
		`length("tée") == 3 and reverse("abc") == "cba" and pad("7", 3, "0") == "007"`,
		`matches("AB-12", "^[A-Z]+-[0-9]+$")`,
		`slug("Tea & Cups!") == "tea-cups"`,
		`distance("kitten", "sitting") == 3`,
		`soundex("Robert") == "R163" and soundex("Ashcraft") == "A261" and soundex("Pfister") == "P236"`,

		`abs(-2) == 2 and floor(1.5) == 1 and ceil(1.5) == 2 and round(2.345, 2) == 2.35`,
		`least(1, 2) == 1 and most(1, 2) == 2 and clamp(5, 1, 3) == 3`,
		`sqrt(9) == 3 and power(2, 10) == 1024 and modulo(7, 3) == 1 and gcd(12, 18) == 6`,
		`percent(50, 10) == 5 and between(2, 1, 3) and number("1.5") == 1.5`,

		`count([1, 2]) == 2 and sum([1, 2]) == 3 and mean([1, 2]) == 1.5 and median([3, 1, 2]) == 2`,
		`sort(["b", "a"]) == ["a", "b"] and unique([1, 1, 2]) == [1, 2]`,
		`first([]) == nothing and last([1, 2]) == 2 and slice([1, 2, 3], 1, 9) == [2, 3]`,
		`has(order.tags, "new") and overlap([1, 2], [2, 3]) == [2]`,
		`all([true, true]) and any([false, true]) and not any([])`,
		`numbers(1, 4) == [1, 2, 3] and flatten([1, [2, 3]]) == [1, 2, 3]`,

		`weekday(time("2026-03-01")) == "Sunday" and not workday(time("2026-03-01"))`,
		`days(time("2026-03-01"), time("2026-03-03")) == 2`,
		`age(time("2000-06-15"), time("2026-06-14")) == 25`,
		`plus(time("2026-02-28"), 1) == time("2026-03-01") and quarter(time("2026-03-01")) == 1`,

		`prefix(sha256(""), "e3b0c442") and crc("abc") == 891568578`,
		`decode(encode("tea")) == "tea" and luhn("4539578763621486") and not luhn("4539578763621487")`,
		`uuid("123e4567-e89b-12d3-a456-426614174000") and not uuid("123")`,
		`satisfies("1.4.2", ">= 1.2, < 2")`,

		`email("ann@example.com") and not email("Ann <ann@example.com>") and domain("ann@Example.com") == "example.com"`,
		`cidr("10.1.2.3", "10.0.0.0/8") and host("https://a.example:1/x") == "a.example" and query("/?q=tea", "q") == "tea"`,

		`between(km([52.52, 13.40], [48.14, 11.58]), 500, 510)`,
		`bearing([0, 0], [1, 1]) == "NE" and bearing([0, 0], [0, -1]) == "W"`,
	} {
		if got, err := evaluate(t, source); err != nil || got != value.Bool(true) {
			t.Errorf("%s: got %v, %v", source, got, err)
		}
	}
}

func TestEvalMistakes(t *testing.T) {
	for source, want := range map[string]string{
		`1 + "a"`:        "3: no + between number and text",
		`1 / 0`:          "3: division by 0",
		`order.tags < 1`: "12: list and number have no order",
		`not 1`:          "1: no not of number",
		`tea()`:          "1: no function tea",
		`upper(1)`:       "1: upper: argument 1 is number, not text",
		`upper()`:        "1: upper takes 1 arguments, not 0",
		`sum([1, "a"])`:  "1: sum: item 2 is text, not number",
	} {
		if _, err := evaluate(t, source); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
	}
}
