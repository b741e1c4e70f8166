# Turns the pages of swift-argument-parser's generate-manual into what man and whatis expect: one name for each page, with hyphens
# (reviewctl-rules-check), the words that are typed in the synopsis, and this program's own exit codes.
/^\.Dt / { gsub(/\./, "-", $2) }
/^\.Nm "/ { words = substr($0, 5); name = words; gsub(/"/, "", name); gsub(/ /, "-", name); print ".Nm " name; next }
/^\.Nm$/ && words != "" { print ".Nm " words; next }
/^\.Nd / { sub(/^\.Nd "/, ""); sub(/\."?$/, ""); sub(/"$/, ""); print ".Nd " $0; next }
/^\.Xr / { gsub(/\./, "-", $2) }
/^\.Ex -std/ { print codes; next }
{ print }
