package pickle

import "fmt"

// The opcodes that [Decode] runs. Their arguments follow them, numbers in
// little-endian order.
const (
	opMark           = '('
	opStop           = '.'
	opBinInt         = 'J' // 4 bytes
	opBinInt1        = 'K' // 1 byte, unsigned
	opBinInt2        = 'M' // 2 bytes, unsigned
	opNone           = 'N'
	opReduce         = 'R'
	opBinString      = 'T' // 4 bytes of length, the string
	opShortBinString = 'U' // 1 byte of length, the string
	opEmptyList      = ']'
	opBuild          = 'b'
	opGlobal         = 'c' // module and name, a line each
	opAppends        = 'e'
	opBinGet         = 'h' // 1 byte
	opLongBinGet     = 'j' // 4 bytes
	opBinPut         = 'q' // 1 byte
	opLongBinPut     = 'r' // 4 bytes
	opTuple          = 't'
	opSetItems       = 'u'
	opEmptyDict      = '}'
	opProto          = 0x80 // 1 byte
	opTuple1         = 0x85
	opTuple2         = 0x86
	opTuple3         = 0x87
	opNewFalse       = 0x89
)

// names has the names of all opcodes up to protocol 5, from Python's pickletools.
var names = map[byte]string{
	'(': "MARK", '.': "STOP", '0': "POP", '1': "POP_MARK", '2': "DUP",
	'F': "FLOAT", 'G': "BINFLOAT", 'I': "INT", 'J': "BININT", 'K': "BININT1", 'L': "LONG", 'M': "BININT2",
	'N': "NONE", 'P': "PERSID", 'Q': "BINPERSID", 'R': "REDUCE",
	'S': "STRING", 'T': "BINSTRING", 'U': "SHORT_BINSTRING", 'V': "UNICODE", 'X': "BINUNICODE",
	'B': "BINBYTES", 'C': "SHORT_BINBYTES",
	'a': "APPEND", 'b': "BUILD", 'c': "GLOBAL", 'd': "DICT", 'e': "APPENDS", 'g': "GET", 'h': "BINGET",
	'i': "INST", 'j': "LONG_BINGET", 'l': "LIST", 'o': "OBJ", 'p': "PUT", 'q': "BINPUT", 'r': "LONG_BINPUT",
	's': "SETITEM", 't': "TUPLE", 'u': "SETITEMS", ')': "EMPTY_TUPLE", ']': "EMPTY_LIST", '}': "EMPTY_DICT",
	0x80: "PROTO", 0x81: "NEWOBJ", 0x82: "EXT1", 0x83: "EXT2", 0x84: "EXT4",
	0x85: "TUPLE1", 0x86: "TUPLE2", 0x87: "TUPLE3", 0x88: "NEWTRUE", 0x89: "NEWFALSE", 0x8a: "LONG1", 0x8b: "LONG4",
	0x8c: "SHORT_BINUNICODE", 0x8d: "BINUNICODE8", 0x8e: "BINBYTES8", 0x8f: "EMPTY_SET", 0x90: "ADDITEMS",
	0x91: "FROZENSET", 0x92: "NEWOBJ_EX", 0x93: "STACK_GLOBAL", 0x94: "MEMOIZE", 0x95: "FRAME",
	0x96: "BYTEARRAY8", 0x97: "NEXT_BUFFER", 0x98: "READONLY_BUFFER",
}

func name(op byte) string {
	if s, ok := names[op]; ok {
		return s
	}
	return fmt.Sprintf("0x%02x", op)
}
