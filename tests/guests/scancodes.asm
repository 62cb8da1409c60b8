; 512-byte BIOS boot sector. Writes each byte that the keyboard sends, presses and releases (as
; "<hex byte>\n") to the QEMU debug port 0xe9. An empty line says that it is up.
        org  0x7c00
        bits 16
start:  cli
        xor  ax, ax
        mov  ds, ax
        mov  ss, ax
        mov  sp, 0x7c00
        mov  word [9 * 4], key   ; IRQ 1
        mov  word [9 * 4 + 2], ax
        cld
        mov  al, 10
        out  0xe9, al
        sti
idle:   hlt
        jmp  idle
key:    push ax
        in   al, 0x60
        call hex
        mov  al, 10
        out  0xe9, al
        mov  al, 0x20            ; end of interrupt
        out  0x20, al
        pop  ax
        iret
hex:    push ax                  ; al as two hex digits to port 0xe9
        shr  al, 4
        call nib
        pop  ax
        and  al, 15
nib:    cmp  al, 10
        sbb  al, 0x69
        das
        out  0xe9, al
        ret
        times 510-($-$$) db 0
        dw   0xaa55
