#!/bin/sh
# Renders every page named in the list: render.sh LIST DIRECTORY
set -e
list=$1 out=$2
mkdir -p "$out"
echo "generator $GENERATOR, list $list"
echo "started" > "$out/.render.log"
if [ ! -f "$list" ]; then
	echo "error: no such list: $list" >&2
	echo "hint: ls" >&2
	exit 3
fi
while read -r page; do
	name=${page%.md}
	echo "render $page"
	{
		echo "<!doctype html><link rel=stylesheet href=site.css>"
		sed -e 's|^# \(.*\)|<h1>\1</h1>|' -e 's|^$|<p>|' "pages/$page"
	} > "$out/$name.html"
done < "$list"
echo "done" >> "$out/.render.log"
