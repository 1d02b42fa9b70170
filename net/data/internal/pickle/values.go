package pickle

// List is a Python list: of int, []byte (a string) or any other value.
type List struct{ Items []any }

// The other kinds of values. The keys of a dictionary are strings; a global is a
// name; a dtype is numpy.dtype('u1'), the only element type.
type (
	tuple  []any
	dict   map[string]any
	global string
	mark   struct{}
	dtype  struct{}
)

// kind names the kind of v in the words of Python's users.
func kind(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return "a truth value"
	case int:
		return "a number"
	case []byte:
		return "a string"
	case *List:
		return "a list"
	case tuple:
		return "a tuple"
	case dict:
		return "a dictionary"
	case *Array:
		return "an array"
	case dtype:
		return "an element type"
	case global:
		return "the global " + string(v)
	}
	return "a mark"
}
