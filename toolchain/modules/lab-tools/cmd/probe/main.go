// Probe is the one program of the lab's pod image. As `pause` it holds a pod's namespaces; otherwise it answers every
// GET with the server's name and the client's address as it sees it, which is how `seamless verify` proves a path.
package main

import (
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

type reply struct {
	Server string `json:"server"`
	Client string `json:"client"`
}

func main() {
	if filepath.Base(os.Args[0]) == "pause" {
		pause()
		return
	}
	name, err := os.Hostname()
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Addr:              "0.0.0.0:8080",
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			client, _, err := net.SplitHostPort(r.RemoteAddr)
			if err != nil {
				client = r.RemoteAddr
			}
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(reply{name, client}); err != nil {
				log.Print(err)
			}
		}),
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		os.Exit(0)
	}()
	log.Fatal(server.ListenAndServe())
}

// pause is process 1 of a pod: it waits for the end and reaps what others leave behind.
func pause() {
	events := make(chan os.Signal, 8)
	signal.Notify(events, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for event := range events {
		if event != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}
