//go:build !purego

#include "textflag.h"

DATA factor32<>+0(SB)/4, $0.999
GLOBL factor32<>(SB), RODATA|NOPTR, $4
DATA factor64<>+0(SB)/8, $0.999
GLOBL factor64<>(SB), RODATA|NOPTR, $8

// Twelve chains x = f·x + f hide the latency of multiply-adds, of which two start in a
// cycle. Since f < 1 the numbers stay finite, and take as much power as ordinary ones.
#define EACH(OP, F, R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11) \
	OP(F, R0); OP(F, R1); OP(F, R2); OP(F, R3); \
	OP(F, R4); OP(F, R5); OP(F, R6); OP(F, R7); \
	OP(F, R8); OP(F, R9); OP(F, R10); OP(F, R11)

#define YMM(OP) EACH(OP, Y15, Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11)
#define ZMM(OP) EACH(OP, Z15, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11)

#define SET(F, R) VMOVUPS F, R
#define FMA32(F, R) VFMADD213PS F, F, R
#define FMA64(F, R) VFMADD213PD F, F, R

#define CHAINS(BROADCAST, FACTOR, F, REGISTERS, FMA) \
	MOVQ times+0(FP), CX; \
	BROADCAST FACTOR<>(SB), F; \
	REGISTERS(SET); \
loop: \
	REGISTERS(FMA); \
	DECQ CX; \
	JNZ loop; \
	VZEROUPPER; \
	RET

#define LOADS(WIDTH, R0, R1, R2, R3) \
	MOVQ p+0(FP), SI; \
	MOVQ blocks+8(FP), CX; \
loop: \
	VMOVUPS 0*WIDTH(SI), R0; \
	VMOVUPS 1*WIDTH(SI), R1; \
	VMOVUPS 2*WIDTH(SI), R2; \
	VMOVUPS 3*WIDTH(SI), R3; \
	VMOVUPS 4*WIDTH(SI), R0; \
	VMOVUPS 5*WIDTH(SI), R1; \
	VMOVUPS 6*WIDTH(SI), R2; \
	VMOVUPS 7*WIDTH(SI), R3; \
	ADDQ $(8*WIDTH), SI; \
	DECQ CX; \
	JNZ loop; \
	VZEROUPPER; \
	RET

// func fma32AVX2(times int)
TEXT ·fma32AVX2(SB), NOSPLIT, $0-8
	CHAINS(VBROADCASTSS, factor32, Y15, YMM, FMA32)

// func fma64AVX2(times int)
TEXT ·fma64AVX2(SB), NOSPLIT, $0-8
	CHAINS(VBROADCASTSD, factor64, Y15, YMM, FMA64)

// func fma32AVX512(times int)
TEXT ·fma32AVX512(SB), NOSPLIT, $0-8
	CHAINS(VBROADCASTSS, factor32, Z15, ZMM, FMA32)

// func fma64AVX512(times int)
TEXT ·fma64AVX512(SB), NOSPLIT, $0-8
	CHAINS(VBROADCASTSD, factor64, Z15, ZMM, FMA64)

// func readAVX2(p *byte, blocks int)
TEXT ·readAVX2(SB), NOSPLIT, $0-16
	LOADS(32, Y0, Y1, Y2, Y3)

// func readAVX512(p *byte, blocks int)
TEXT ·readAVX512(SB), NOSPLIT, $0-16
	LOADS(64, Z0, Z1, Z2, Z3)
