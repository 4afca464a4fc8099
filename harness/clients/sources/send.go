// One transaction with net/smtp, in the order of smtp.SendMail. Usage: send < plan.json ; the dialogue goes to stdout.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"runtime"
	"strings"
	"time"
)

type path struct {
	Address string `json:"address"`
}

type plan struct {
	Host       string `json:"host"`
	Port       int    `json:"port"`
	Source     string `json:"source"`
	Helo       string `json:"helo"`
	TLS        string `json:"tls"`
	Cert       string `json:"certificate"`
	Key        string `json:"key"`
	Trust      string `json:"trust"`
	ServerName string `json:"server_name"`
	From       path   `json:"mail_from"`
	To         []path `json:"recipients"`
	Message    []byte `json:"message"`
	Timeout    int    `json:"timeout"`
}

// What goes over the connection is told, in the dress of a dialogue, up to the handshake.
type teller struct {
	net.Conn
	state *int // 0 clear text, 1 STARTTLS was said, 2 TLS: its own bytes are not told
}

func tell(who string, data []byte) {
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\r\n"), "\r\n") {
		fmt.Printf("%s: %s\n", who, line)
	}
}

func (t teller) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	if *t.state < 2 && n > 0 {
		tell("S", b[:n])
		if *t.state == 1 {
			*t.state = 2
		}
	}
	return n, err
}

func (t teller) Write(b []byte) (int, error) {
	if *t.state < 2 {
		tell("C", b)
		if string(b) == "STARTTLS\r\n" {
			*t.state = 1
		}
	}
	return t.Conn.Write(b)
}

// Inside TLS the same is heard at the text protocol, which net/smtp lets us reach.
type ear struct{ inner *bufio.Reader }

func (e ear) Read(b []byte) (int, error) {
	n, err := e.inner.Read(b)
	if n > 0 {
		tell("S", b[:n])
	}
	return n, err
}

type mouth struct{ inner *bufio.Writer }

func (m mouth) Write(b []byte) (int, error) {
	tell("C", b)
	n, err := m.inner.Write(b)
	if err == nil {
		err = m.inner.Flush()
	}
	return n, err
}

func startTLS(client *smtp.Client, p plan) {
	config := &tls.Config{ServerName: p.ServerName, InsecureSkipVerify: p.Trust == ""}
	if p.Trust != "" {
		pem, err := os.ReadFile(p.Trust)
		check("trust", err)
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(pem)
	}
	if p.Cert != "" {
		pair, err := tls.LoadX509KeyPair(p.Cert, p.Key)
		check("certificate", err)
		config.Certificates = []tls.Certificate{pair}
	}
	if err := client.StartTLS(config); err != nil {
		fmt.Printf("* TLS failed: %v\n", err)
		os.Exit(1)
	}
	state, _ := client.TLSConnectionState()
	names := map[uint16]string{tls.VersionTLS10: "TLSv1", tls.VersionTLS11: "TLSv1.1", tls.VersionTLS12: "TLSv1.2"}
	names[tls.VersionTLS13] = "TLSv1.3"
	fmt.Printf("* TLS established %s %s\n", names[state.Version], tls.CipherSuiteName(state.CipherSuite))
	client.Text.Reader.R = bufio.NewReader(ear{client.Text.Reader.R})
	client.Text.Writer.W = bufio.NewWriter(mouth{client.Text.Writer.W})
}

func check(what string, err error) {
	if err != nil {
		fmt.Printf("* failed: %s: %T %v\n", what, err, err)
		os.Exit(1)
	}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("net/smtp of", runtime.Version())
		return
	}
	var p plan
	check("plan", json.NewDecoder(os.Stdin).Decode(&p))
	dialer := net.Dialer{Timeout: time.Duration(p.Timeout) * time.Second}
	if p.Source != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(p.Source)}
	}
	raw, err := dialer.Dial("tcp", fmt.Sprintf("%s:%d", p.Host, p.Port))
	check("connect", err)
	state := 0
	client, err := smtp.NewClient(teller{raw, &state}, p.ServerName)
	check("connect", err)
	check("EHLO", client.Hello(p.Helo))
	if offered, _ := client.Extension("STARTTLS"); p.TLS != "none" && (offered || p.TLS == "required") {
		if !offered {
			check("STARTTLS", fmt.Errorf("not offered"))
		}
		startTLS(client, p)
	}
	check("MAIL", client.Mail(p.From.Address))
	for _, to := range p.To {
		check("RCPT", client.Rcpt(to.Address))
	}
	writer, err := client.Data()
	check("DATA", err)
	_, err = writer.Write(p.Message)
	check("message", err)
	check("message", writer.Close())
	check("QUIT", client.Quit())
	fmt.Println("sent")
}
