// A websocket to TCP bridge as one writes it in Go with nothing but the standard library:
// gobridge PORT TARGET_PORT [CERTIFICATE KEY]
package main

import (
	"bufio"
	"crypto/sha1"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
)

const (
	bufferSize = 64 * 1024
	headerRoom = 10
	handshake  = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Protocol: binary\r\nSec-WebSocket-Accept: %s\r\n\r\n"
	acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
)

type session struct {
	browser net.Conn
	reader  *bufio.Reader
	guest   net.Conn
	// Pongs and data are sent by different goroutines.
	sending sync.Mutex
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: gobridge PORT TARGET_PORT [CERTIFICATE KEY]")
		os.Exit(2)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:"+os.Args[1])
	if err == nil && len(os.Args) == 5 {
		var pair tls.Certificate
		pair, err = tls.LoadX509KeyPair(os.Args[3], os.Args[4])
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for {
		browser, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		go serve(browser, os.Args[2])
	}
}

func serve(browser net.Conn, targetPort string) {
	defer browser.Close()
	s := &session{browser: browser, reader: bufio.NewReader(browser)}
	request, err := http.ReadRequest(s.reader)
	if err != nil {
		return
	}
	sum := sha1.Sum([]byte(request.Header.Get("Sec-WebSocket-Key") + acceptGUID))
	s.guest, err = net.Dial("tcp4", "127.0.0.1:"+targetPort)
	if err != nil {
		return
	}
	defer s.guest.Close()
	accept := base64.StdEncoding.EncodeToString(sum[:])
	if _, err = fmt.Fprintf(browser, handshake, accept); err != nil {
		return
	}
	go s.down()
	s.up()
}

// down carries what the guest sends, each read in one frame.
func (s *session) down() {
	// Ends up as well, which reads from the browser.
	defer s.browser.Close()
	buffer := make([]byte, headerRoom+bufferSize)
	for {
		n, err := s.guest.Read(buffer[headerRoom:])
		if err != nil {
			return
		}
		start := headerRoom
		switch {
		case n < 126:
			start -= 2
			buffer[start+1] = byte(n)
		case n < 1<<16:
			start -= 4
			buffer[start+1] = 126
			binary.BigEndian.PutUint16(buffer[start+2:], uint16(n))
		default:
			start -= 10
			buffer[start+1] = 127
			binary.BigEndian.PutUint64(buffer[start+2:], uint64(n))
		}
		buffer[start] = 0x82
		if s.send(buffer[start:headerRoom+n]) != nil {
			return
		}
	}
}

// up carries what the browser sends; what came together goes on together.
func (s *session) up() {
	guest := bufio.NewWriter(s.guest)
	for {
		opcode, length, mask, err := s.header()
		if err != nil {
			return
		}
		if opcode >= 8 {
			if s.control(opcode, length, mask) != nil {
				return
			}
		} else if s.payload(guest, length, mask) != nil {
			return
		}
		if s.reader.Buffered() == 0 && guest.Flush() != nil {
			return
		}
	}
}

func (s *session) header() (opcode byte, length uint64, mask [4]byte, err error) {
	var head [8]byte
	if _, err = io.ReadFull(s.reader, head[:2]); err != nil {
		return
	}
	opcode, length = head[0]&15, uint64(head[1]&127)
	if head[1]&128 == 0 || head[0]&0x70 != 0 || (opcode >= 8 && length > 125) {
		err = errors.New("not a client's frame")
		return
	}
	switch length {
	case 126:
		_, err = io.ReadFull(s.reader, head[:2])
		length = uint64(binary.BigEndian.Uint16(head[:2]))
	case 127:
		_, err = io.ReadFull(s.reader, head[:8])
		length = binary.BigEndian.Uint64(head[:8])
	}
	if err == nil {
		_, err = io.ReadFull(s.reader, mask[:])
	}
	return
}

func (s *session) payload(guest *bufio.Writer, length uint64, mask [4]byte) error {
	var part [4096]byte
	for offset := uint64(0); offset < length; {
		n := length - offset
		if n > uint64(len(part)) {
			n = uint64(len(part))
		}
		if _, err := io.ReadFull(s.reader, part[:n]); err != nil {
			return err
		}
		// Parts are multiples of four but for the last one.
		for i := range part[:n] {
			part[i] ^= mask[i&3]
		}
		if _, err := guest.Write(part[:n]); err != nil {
			return err
		}
		offset += n
	}
	return nil
}

// control answers a ping or a close, and says when the session is over.
func (s *session) control(opcode byte, length uint64, mask [4]byte) error {
	frame := make([]byte, 2+length)
	if _, err := io.ReadFull(s.reader, frame[2:]); err != nil {
		return err
	}
	for i := range frame[2:] {
		frame[2+i] ^= mask[i&3]
	}
	frame[1] = byte(length)
	switch opcode {
	case 8:
		frame[0] = 0x88
		s.send(frame)
		return io.EOF
	case 9:
		frame[0] = 0x8a
		return s.send(frame)
	}
	return nil
}

func (s *session) send(frame []byte) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	_, err := s.browser.Write(frame)
	return err
}
