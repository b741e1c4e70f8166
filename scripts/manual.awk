# Turns the pages of swift-argument-parser's generate-manual into what man and whatis expect: one name for each page, with hyphens
# (reviewctl-rules-check), the words that are typed in the synopsis, and this program's own exit codes. Variables: codes, and for
# the first page of several the file `verbs` with one `.It` for each of the others.
/^\.Dt / { gsub(/\./, "-", $2); print $1, $2, $3, "reviewd"; next }
/^\.Nm "/ { words = substr($0, 5); name = words; gsub(/"/, "", name); gsub(/ /, "-", name); print ".Nm " name; next }
/^\.Nm$/ && words != "" { print ".Nm " words; next }
/^\.Nd / { sub(/^\.Nd "/, ""); sub(/\."?$/, ""); sub(/"$/, ""); print ".Nd " $0; next }
# The verb `help` has no page, and a program without verbs none of it.
/^\.It Em help$/ { skipping = 2 }
skipping { if (/^\.El$/ && !--skipping) print; next }
/^\.Ar subcommand$/ && FILENAME ~ /reviewd\.8$/ { next }
/^\.Xr reviewctl\.help / { next }
/^\.Xr / { gsub(/\./, "-", $2) }
/^\.Sh "EXIT STATUS"$/ && verbs != "" {
  print ".Sh COMMANDS\n.Bl -tag -width 6n"
  while ((getline line <verbs) > 0) print line
  print ".El"
}
/^\.Ex -std/ { print codes; next }
{ print }
