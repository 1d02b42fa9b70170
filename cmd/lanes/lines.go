package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// lines is a writer that keeps its first error.
type lines struct {
	out io.Writer
	err error
}

func (l *lines) Write(p []byte) (n int, err error) {
	if l.err == nil {
		n, l.err = l.out.Write(p)
	}
	return n, l.err
}

func (l *lines) printf(format string, args ...any) { fmt.Fprintf(l, format, args...) }

// maxErrorLine is how many characters of an error are printed.
const maxErrorLine = 1000

// oneLine returns the error's text as a line, in the form of [plain]. Of a long one, which
// names and values in files may cause, it returns the two ends.
func oneLine(err error) string {
	text := plain(err.Error())
	if len(text) <= maxErrorLine {
		return text
	}
	const end = maxErrorLine / 2
	return strings.ToValidUTF8(text[:end], "") + " … " + strings.ToValidUTF8(text[len(text)-end:], "")
}

// plain returns the text with control characters and those that change the direction of
// writing, which names of files and of classes may contain, in Go's notation.
func plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
