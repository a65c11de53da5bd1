"""What may be absent, and where it is read as if it were there."""

# ruff: noqa: E501 - a finding stands on one line, as it is said

from __future__ import annotations

import pytest

from tests.resolve.files import checked

CASES: dict[str, tuple[str, list[str]]] = {
    "what may be absent is read where a fact makes it present": (
        """\
inputs:
  hospital:
    x: {type: count, may_be: not_reported}
    y: {type: count}
values:
  hospital:
    a: {formula: x + 1}
    b: {needs: x, formula: x + 1}
    c: {formula: x}
    d: {formula: c + 1}
    e: {formula: if x is missing then 0 else x + 1}
    f: {formula: x is not missing and x > 3}
    g: {formula: x is missing or x > 3}
    h: {formula: x > 3 and x is not missing}
    i: {only_if: f, otherwise: excluded, formula: x + 1}
    j: {choose: [{when: x is not_reported, is: 0}, {otherwise: x + 1}]}
    k: {needs: b, formula: x + 1}
    l: {needs: c, formula: x + 1}
    m: {choose: [{when: x is missing, is: absent excluded}, {when: x > 5, is: 1}, {otherwise: 0}]}
    n: {formula: m + 1}
""",
        [
            "VBC501 7:18 `x` may be absent here (not_reported) | write `needs: x` first, or ask `x is missing` before it is read",
            "VBC501 10:18 `c` may be absent here (not_reported) | write `needs: c` first, or ask `c is missing` before it is read",
            "VBC501 14:18 `x` may be absent here (not_reported) | write `needs: x` first, or ask `x is missing` before it is read",
            "VBC501 20:18 `m` may be absent here (excluded) | write `needs: m` first, or ask `m is missing` before it is read",
        ],
    ),
    "a payment says what it pays where it may be absent": (
        """\
inputs:
  hospital:
    x: {type: money, range: "$0 to $5", may_be: not_reported}
payments:
  hospital:
    p: {formula: x, round: 2 down}
    q: {formula: x, round: 2 down, absent: pays_nothing}
    r: {formula: q + $1, round: 2 down}
""",
        [
            "VBC507 6:5 the payment `p` may be absent (not_reported) | write `absent: pays_nothing`, or say what is paid then",
        ],
    ),
    "a gathering says what it does with absent members": (
        """\
levels:
  visit: {in: hospital, list: yes, at_most: 5}
  part: {in: hospital, members: {a: {}, b: {}}}
inputs:
  visit:
    v: {type: count, may_be: [declined, too_new]}
    u: {type: count}
  part:
    s: {type: count, may_be: not_reported}
    t: {type: count}
    ok: {type: yes_no}
values:
  hospital:
    a: {formula: sum(v)}
    b: {formula: sum(present v)}
    c: {formula: mean(u)}
    d: {formula: mean(t)}
    e: {formula: sum(t where ok)}
    f: {formula: max(t where ok)}
    g: {mean: v}
    h: {mean: v, absent: ignore}
    i: {mean: v, absent: {declined: zero}}
    j: {mean: v, absent: {declined: zero, too_new: ignore, never: zero}}
    k: {mean: u, absent: ignore}
    l: {all: ok}
    m: {all: ok, where: t > 3}
    n: {mean: v, absent: redistribute}
    o: {sum: s, absent: zero}
    p: {sum: s, absent: absent}
    q: {formula: o + p}
    r: {mean: t}
    w: {formula: r + 1}
    x: {mean: u}
    y: {formula: x + 1}
    z: {formula: all(ok)}
    z2: {formula: any(ok where t > 3)}
    z3: {mean: t, needs_at_least: 2}
    z4: {formula: z3 + 1}
""",
        [
            "VBC502 14:18 some `v` may be absent (declined, too_new) | write `sum(present v)` to gather those that are there, or `{sum: v, absent: ..}` as a value",
            "VBC503 16:18 `mean` may be over nothing here | name it as a value of its own, `{mean: ..}`, which is absent over nothing",
            "VBC503 19:18 `max` may be over nothing here | name it as a value of its own, `{max: ..}`, which is absent over nothing",
            "VBC504 20:9 a member of `mean` may be absent (declined, too_new) | say what happens then: write `absent: redistribute` or `ignore` or `zero` or `absent`",
            "VBC505 22:26 `absent` does not say what happens for `too_new` | name every reason: `declined`, `too_new`",
            "VBC506 23:60 a member of `mean` is never absent for `never` | the reasons are `declined`, `too_new`",
            "VBC506 24:26 a member of `mean` is never absent, so `absent` says nothing | leave out `absent`",
            "VBC503 26:9 `all` may be over no members at all | write `if_none: yes` or `if_none: no`",
            "VBC501 30:22 `p` may be absent here (not_reported) | write `needs: p` first, or ask `p is missing` before it is read",
            "VBC501 34:18 `x` may be absent here (none_present) | write `needs: x` first, or ask `x is missing` before it is read",
            "VBC503 36:19 `any` may be over nothing here | name it as a value of its own, `{any: .., if_none: ..}`",
            "VBC501 38:19 `z3` may be absent here (too_few_present) | write `needs: z3` first, or ask `z3 is missing` before it is read",
        ],
    ),
    "the higher of several": (
        """\
inputs:
  hospital:
    x: {type: count, may_be: not_reported}
    y: {type: count, may_be: excluded}
    z: {type: count}
values:
  hospital:
    a: {higher_of: [x, y]}
    b: {higher_of: [x, y], absent: ignore}
    c: {higher_of: [x, z], absent: ignore}
    d: {formula: b + 1}
    e: {formula: c + 1}
    f: {higher_of: [x, y], absent: zero}
    g: {formula: f + 1}
    h: {higher_of: [z, z], absent: zero}

    j: {needs: x, formula: b + 1}
    k: {higher_of: [x, y], absent: absent}
    l: {higher_of: [x + 1, y], absent: zero}
""",
        [
            "VBC504 8:9 an item of `higher_of` may be absent (not_reported, excluded) | say what happens then: write `absent: ignore` or `zero` or `absent`",
            "VBC501 11:18 `b` may be absent here (not_reported) | write `needs: b` first, or ask `b is missing` before it is read",
            "VBC506 15:36 an item of `higher_of` is never absent, so `absent` says nothing | leave out `absent`",
            "VBC501 19:21 `x` may be absent here (not_reported) | write `needs: x` first, or ask `x is missing` before it is read",
        ],
    ),
    "gates and payments": (
        """\
inputs:
  hospital:
    x: {type: count, may_be: not_reported}
    m: {type: money, range: "$0 to $5", may_be: excluded}
values:
  hospital:
    a: {formula: p + $1}
    b: {needs: p, formula: p + $1}
gates:
  hospital:
    inp: {require: m is not missing, otherwise: not_in_program}
    g: {require: x > 3, otherwise: pays_nothing}
payments:
  hospital:
    p: {formula: m, round: 2 down}
    q: {formula: p + m, round: 2 down}
""",
        [
            "VBC501 7:18 `p` may be absent here (not_in_program) | write `needs: p` first, or ask `p is missing` before it is read",
            "VBC501 12:18 `x` may be absent here (not_reported) | write `needs: x` first, or ask `x is missing` before it is read",
        ],
    ),
    "whoever is compared has met what is needed": (
        """\
levels:
  visit: {in: hospital, list: yes, key: name, at_most: 5}
inputs:
  visit:
    name: {type: identifier}
    v: {type: count, may_be: [declined, too_new]}
    w: {type: count, may_be: odd}
values:
  visit:
    a: {top: 3, within: hospital, order: [v], ties: name}
    b: {needs: v, top: 3, within: hospital, order: [v], ties: name}
    c: {top: 3, within: hospital, order: [v], ties: name, absent: last}
    d: {top: 3, within: hospital, order: [v], ties: w, absent: {declined: last, too_new: out}}
    e: {needs: v, top: 3, within: hospital, order: [v], ties: name, absent: last}
    f: {needs: w, top: 3, within: hospital, order: [w + 1], ties: name}
    g: {only_if: v is not missing and v > 0, otherwise: excluded, top: 3, within: hospital, order: [10 / v], ties: name}
    h: {only_if: v is not too_new, otherwise: excluded, top: 3, within: hospital, order: [v], ties: name, absent: last}
    i: {top: 3, within: hospital, order: [w + 1], ties: name}
""",
        [
            "VBC504 10:5 what `top` orders by may be absent (declined, too_new) | say what happens then: write `absent: last` or `out`",
            "VBC501 13:5 `w`, by which ties are settled, may be absent (odd) | settle ties by a name that is always there",
            "VBC506 14:77 what `top` orders by is never absent, so `absent` says nothing | leave out `absent`",
            "VBC501 18:43 `w` may be absent here (odd) | write `needs: w` first, or ask `w is missing` before it is read",
        ],
    ),
    "what is expected holds only where all it reads is there": (
        """\
inputs:
  hospital:
    x: {type: count, range: 0 to 100}
    y: {type: count, range: 0 to 10, may_be: odd}
    z: {type: count, range: 0 to 10}
expected:
  hospital:
    - x <= y
    - z < x
values:
  hospital:
    a: {formula: 100 / (x - z)}
    b: {formula: 100 / (11 - x)}
    c: {needs: y, formula: 100 / (11 - x)}
""",
        [
            "VBC801 13:25 the divisor may be zero: `11 - x` was found to be -89 to less than 11 | write `only_if: 11 - x > 0` with an `otherwise` before the formula, or `when: 11 - x > 0`",
        ],
    ),
    "weights": (
        """\
levels:
  part: {in: hospital, parameters: {w: {type: percent, may_be: not_applicable}}, members: {a: {w: 50%}, b: {w: not_applicable}}}
inputs:
  part:
    s: {type: count, may_be: not_reported}
values:
  hospital:
    m: {weighted_mean: s, by: w, absent: redistribute}
    n: {weighted_mean: s, by: w, where: w is not missing, absent: redistribute}
    v: {variance: s, definition: sample, absent: ignore}
    v2: {formula: v + 1}
""",
        [
            "VBC501 8:31 `w` may be absent here (not_applicable) | write `needs: w` first, or ask `w is missing` before it is read",
            "VBC501 11:19 `v` may be absent here (too_few_present, none_present) | write `needs: v` first, or ask `v is missing` before it is read",
        ],
    ),
    "facts reach one step through a tested value": (
        """\
inputs:
  hospital:
    x: {type: count, may_be: not_reported}
values:
  hospital:
    known: {formula: x is not missing}
    high: {formula: x is not missing and x > 3}
    a: {formula: if known then x + 1 else 0}
    b: {formula: if high then x + 1 else 0}
    c: {formula: if not known then 0 else x + 1}
    d: {only_if: high, otherwise: excluded, formula: x + 1}
    e: {needs: d, formula: x + 1}
""",
        [],
    ),
    "a fact about one member says nothing of another": (
        """\
levels:
  part: {in: hospital, members: {a: {}, b: {}}}
inputs:
  part:
    x: {type: count, may_be: not_reported}
values:
  part:
    v: {needs: x, formula: x + sum(x)}
    w: {needs: x, formula: x + sum(present x)}
""",
        [
            "VBC502 8:32 some `x` may be absent (not_reported) | write `sum(present x)` to gather those that are there, or `{sum: x, absent: ..}` as a value",
        ],
    ),
    "a weight is read of every member that counts, also of one that counts as zero": (
        """\
levels:
  part: {in: hospital, members: {a: {}, b: {}}}
inputs:
  part:
    x: {type: count, may_be: not_reported}
    n: {type: count, range: 1 to 10}
values:
  part:
    w: {needs: x, formula: n}
  hospital:
    m: {weighted_mean: x, by: w, absent: zero}
    n2: {weighted_mean: x, by: w, absent: ignore}
""",
        [
            "VBC501 11:31 `w` may be absent here (not_reported) | write `needs: w` first, or ask `w is missing` before it is read",
        ],
    ),
    "weights that are cells show by themselves whether they add up to something": (
        """\
levels:
  area: {in: hospital, members: {x: {}, y: {}}}
  part:
    in: area
    parameters: {w: percent, v: percent, z: percent}
    members:
      a: {in: x, w: 60%, v: 100%, z: 100%}
      b: {in: x, w: 40%, v: 0%, z: 0%}
      c: {in: y, w: 100%, v: 1%, z: 0%}
  parts: {groups: part, by: part}
inputs:
  part:
    s: {type: percent, may_be: not_reported}
values:
  hospital:
    a: {weighted_mean: s, by: w, absent: zero}
    b: {weighted_mean: s, by: v, absent: zero}
    c: {weighted_mean: s, by: z, absent: zero}
    d: {weighted_mean: s, by: w, absent: ignore}
    e: {weighted_mean: s, by: w, where: w > 50%, absent: zero}
    sum: {formula: a + b}
    odd: {formula: c + d + e}
  area:
    f: {weighted_mean: s, by: v, absent: zero}
    g: {formula: f + 0%}
    h: {weighted_mean: s, by: z, absent: zero}
    i: {formula: h + 0%}
  parts:
    j: {weighted_mean: s, by: w, absent: zero}
    k: {formula: j + 0%}
    l: {weighted_mean: s, by: v, absent: zero}
    m: {formula: l + 0%}
""",
        [
            "VBC501 22:20 `c` may be absent here (none_present) | write `needs: c` first, or ask `c is missing` before it is read",
            "VBC501 22:24 `d` may be absent here (none_present) | write `needs: d` first, or ask `d is missing` before it is read",
            "VBC501 22:28 `e` may be absent here (none_present) | write `needs: e` first, or ask `e is missing` before it is read",
            "VBC501 27:18 `h` may be absent here (none_present) | write `needs: h` first, or ask `h is missing` before it is read",
            "VBC501 32:18 `l` may be absent here (none_present) | write `needs: l` first, or ask `l is missing` before it is read",
        ],
    ),
    "a direction may be absent too": (
        """\
levels:
  part: {in: hospital, parameters: {better: {type: direction, may_be: not_applicable}}, members: {a: {better: not_applicable}, b: {better: lower}}}
inputs:
  part:
    x: {type: count}
values:
  part:
    t: {tiers: x, steps: [{reaches: 5, is: 1}, {otherwise: 0}]}
    u: {needs: better, tiers: x, steps: [{reaches: 5, is: 1}, {otherwise: 0}]}
""",
        [
            "VBC501 8:37 `better` may be absent here (not_applicable) | write `needs: better` first, or ask `better is missing` before it is read",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_said(case: str) -> None:
    sections, findings = CASES[case]
    assert checked(sections)[1] == findings
