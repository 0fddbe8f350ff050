/** The site of SoftFactory as a plan has it: `${DOMAIN}` is filled in by the plan, nginx's own variables have no braces. */
export const softfactorySite = `# An upgrade is passed on only when the client asks for one.
map $http_upgrade $softfactory_connection {
    default upgrade;
    ''      close;
}

# A header of its own inside a location would end the inheritance of all others, so it is chosen by the path.
map $uri $softfactory_cache {
    default     '';
    ~^/static/  'public, immutable';
}

upstream softfactory {
    server 127.0.0.1:8000;
}

server {
    listen 80;
    server_name \${DOMAIN} www.\${DOMAIN};
    return 301 https://$server_name$request_uri;
}

server {
    listen 443 ssl http2;
    server_name \${DOMAIN} www.\${DOMAIN};

    ssl_certificate     /etc/ssl/certs/\${DOMAIN}.crt;
    ssl_certificate_key /etc/ssl/private/\${DOMAIN}.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
    ssl_prefer_server_ciphers off;
    ssl_session_cache shared:softfactory:10m;
    ssl_session_timeout 1d;
    ssl_session_tickets off;
    ssl_stapling off;

    server_tokens off;
    add_header Strict-Transport-Security "max-age=31536000" always;
    add_header X-Frame-Options "SAMEORIGIN" always;
    add_header X-Content-Type-Options "nosniff" always;
    add_header Referrer-Policy "strict-origin-when-cross-origin" always;
    add_header Cache-Control $softfactory_cache;

    client_max_body_size 50M;

    location / {
        proxy_pass http://softfactory;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $softfactory_connection;
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_redirect off;
        # Longer than the 25 s after which Socket.IO pings, so that quiet connections live.
        proxy_read_timeout 120s;
    }

    location /static/ {
        alias /opt/softfactory/web/;
        expires 30d;
    }
}
`;
