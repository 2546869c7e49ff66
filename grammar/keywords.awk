# keywords.awk -- from keywords.def, the parts of the grammar that list keywords.
#
#   awk -v output=grammar -f keywords.awk keywords.def    productions of the keyword classes, to follow sql.y
#   awk -v output=table -f keywords.awk keywords.def      the keywords and their hash table, for token.c
#
# The hash is h = (h * 31 + c) mod 2^20 over lower-case letters, then modulo the table's size, with linear probing:
# keyword_find in token.c does the same.

BEGIN {
    for (i = 1; i < 128; i++)
        code[sprintf("%c", i)] = i
    size = 2048
}

/^KEYWORD\(/ {
    sub(/^KEYWORD\(/, "")
    sub(/\).*/, "")
    gsub(/ /, "")
    split($0, part, ",")
    count++
    name[count] = part[1]
    class[count] = tolower(part[2])
    label[count] = part[3]
}

function text(name) {
    return name == "DOT_WORD" ? "dot" : tolower(name)
}

function hash(word,    h, i) {
    h = 0
    for (i = 1; i <= length(word); i++)
        h = (h * 31 + code[substr(word, i, 1)]) % 1048576
    return h % size
}

END {
    if (output == "grammar") {
        print ""
        for (i = 1; i <= count; i++) {
            print class[i] "_keyword(A) ::= " name[i] "(A)."
            if (label[i] == "BARE")
                print "bare_label_keyword(A) ::= " name[i] "(A)."
        }
    } else {
        print "#define KEYWORD_HASH_SIZE " size
        print "static const Keyword keywords[] = {"
        print "    {NULL, 0, 0},"
        longest = 0
        for (i = 1; i <= count; i++) {
            word = text(name[i])
            if (length(word) > longest)
                longest = length(word)
            print "    {\"" word "\", TK_" name[i] ", KEYWORD_" toupper(class[i]) "},"
            at = hash(word)
            while (at in slot)
                at = (at + 1) % size
            slot[at] = i
        }
        print "};"
        print "#define KEYWORD_LENGTH_MAX " longest
        print "static const uint16_t keyword_hash[KEYWORD_HASH_SIZE] = {"
        for (at = 0; at < size; at++)
            if (at in slot)
                print "    [" at "] = " slot[at] ","
        print "};"
    }
}
