"""Checks Prometheus' text format on standard input: what `promtool check metrics` would refuse.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
"""

import math
import re
import sys

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
UNITS = {"milliseconds": "seconds", "ms": "seconds", "kilobytes": "bytes", "mib": "bytes"}


def labels_of(text):
    labels, at = {}, 0
    while at < len(text or ""):
        match = LABEL.match(text, at)
        if not match or match.group(1) in labels:
            raise ValueError(f"bad labels: {text}")
        labels[match.group(1)] = match.group(2)
        at = match.end()
    return labels


def check(text):
    problems, types, helps, seen, samples = [], {}, set(), set(), {}
    if not text.endswith("\n"):
        problems.append("the last line has no end")
    family = None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split(" ", 3)[2]
            if family in helps or len(line.split(" ", 3)) < 4:
                problems.append(f"{family}: HELP twice or empty")
            helps.add(family)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            if name != family or name in types:
                problems.append(f"{name}: TYPE twice or away from its HELP")
            types[name] = kind
            if not NAME.fullmatch(name) or not name.startswith("pdf2md_"):
                problems.append(f"{name}: not a name of ours")
            if (kind == "counter") != name.endswith("_total"):
                problems.append(f"{name}: _total is for counters, and all of them")
            problems += [f"{name}: use {UNITS[part]}" for part in name.split("_") if part in UNITS]
        else:
            match = SAMPLE.match(line)
            if not match:
                problems.append(f"not a sample: {line}")
                continue
            name, value = match.group(1), float(match.group(3))
            labels = labels_of(match.group(2))
            base = re.sub(r"_(bucket|sum|count)$", "", name) if types.get(family) == "histogram" else name
            if base != family or family not in types:
                problems.append(f"{name}: outside its family {family}")
            key = (name, tuple(sorted(labels.items())))
            if key in seen:
                problems.append(f"{key}: twice")
            seen.add(key)
            if types.get(family) != "gauge" and (value < 0 or math.isnan(value)):
                problems.append(f"{name}: {value}")
            samples.setdefault(name, []).append((labels, value))
    for name, kind in types.items():
        if kind != "histogram":
            continue
        buckets = [(float(labels["le"]), value) for labels, value in samples.get(name + "_bucket", [])]
        counts = [value for _, value in buckets]
        if buckets != sorted(buckets) or counts != sorted(counts) or not buckets or buckets[-1][0] != math.inf:
            problems.append(f"{name}: buckets out of order, or without +Inf")
        elif samples[name + "_count"][0][1] != counts[-1]:
            problems.append(f"{name}: _count is not the last bucket")
    return problems


if __name__ == "__main__":
    found = check(sys.stdin.read())
    print("\n".join(found))
    sys.exit(bool(found))
