package setting

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnknownKeysAtAnyDepthAreErrors(t *testing.T) {
	for file, message := range map[string]string{
		"lr.x = 5":                        `unknown setting "lr.x"`,
		"lr.x.y = 5":                      `unknown setting "lr.x.y"`,
		"batch = 3\n[a]\nlr = 1":          `unknown setting "a"`,
		"a.lr = 1":                        `unknown setting "a.lr"`,
		`"lr.x" = 5`:                      `unknown setting "lr.x"`,
		"hidden = [{a = 1}]":              "hidden: toml: ",
		"lr = {a = 1}":                    "lr: toml: ",
		"[[lr]]\nx = 1":                   "lr: toml: ",
		strings.Repeat("a", 1e6) + " = 1": `… of 1000000 bytes`,
	} {
		var c values
		_, err := c.list().SetTOML([]byte(file))
		require.ErrorContains(t, err, message)
		require.Less(t, len(err.Error()), 300)
	}
}

func TestDeepAndLargeFilesAreRefusedBeforeTheyAreParsed(t *testing.T) {
	for name, file := range map[string]string{
		"dotted":        strings.Repeat("a.", 20_000) + "a = 1",
		"quoted":        strings.Repeat(`"a".`, 20_000) + "a = 1",
		"table":         "[" + strings.Repeat("a.", 20_000) + "a]",
		"after strings": "a = \"\"\"\\\"\"\"\"\"\nb = '\\'\nc = ''''a''''\n" + strings.Repeat("a.", 20_000) + "a = 1",
		"arrays":        "hidden = " + strings.Repeat("[", 20_000),
		"inline tables": "lr = " + strings.Repeat("{a=", 20_000),
	} {
		require.ErrorContains(t, bounded([]byte(file)), "nested deeper than 8", name)
		var c values
		_, err := c.list().SetTOML([]byte(file))
		require.ErrorContains(t, err, "nested deeper than 8", name)
	}
	require.NoError(t, bounded([]byte("# a.b.c.d.e.f.g.h.i.j [[[[[[[[[[[[\na = \"[[[[[[[[[[[[ a.b.c.d.e.f.g.h.i.j\" # [[[[[[[[[\nb = '''\n[[[[[[[[[['\n'''\n")))
	var c values
	_, err := c.list().SetTOML(make([]byte, maxTOML+1))
	require.EqualError(t, err, "more than 16777216 bytes, too large for a file of settings")
}

func TestFilesOfManyKeysAreRefusedBeforeTheyAreParsed(t *testing.T) {
	for _, unit := range []string{"k%d = 1\n", "[t%d]\n", "[[t%d]]\n", "a.b.c.k%d = 1\n", "lr = {k%d = 1}\n", "\"k%d\"='' "} {
		var file []byte
		for i := range maxKeys + 1 {
			file = fmt.Appendf(file, unit, i)
		}
		require.EqualError(t, bounded(file), "toml: more than 1000 keys", unit)
	}
	var c values
	c.hidden = make([]int, 20_000) // a list may have many elements
	text, err := c.list().TOML()
	require.NoError(t, err)
	_, err = c.list().SetTOML(text)
	require.NoError(t, err)
}
