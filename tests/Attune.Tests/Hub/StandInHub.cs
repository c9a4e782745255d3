using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Attune.Tests.Hub;

/// <summary>A hub on this machine that speaks just enough HTTP, and misbehaves as a test asks it to.</summary>
/// <param name="certificate">Shown to clients, which then speak encrypted; null for plain ones.</param>
internal sealed class StandInHub(X509Certificate2? certificate = null) : LoopbackServer
{
    private readonly Dictionary<string, byte[]> _files = [];

    /// <inheritdoc/>
    public override Uri Endpoint => new($"{(certificate is null ? "http" : "https")}://127.0.0.1:{Port}");

    /// <summary>Every request's first line and its Range and Authorization, in order.</summary>
    public List<(string Path, string? Range, string? Authorization)> Requests { get; } = [];

    /// <summary>Answers a request itself, or returns null for the usual answer.</summary>
    public Func<string, Answer?> Instead { get; set; } = _ => null;

    /// <summary>Adds a file; those above 1000 bytes are stored as large ones.</summary>
    public void Add(string name, byte[] content) => _files[name] = content;

    /// <summary>The list of files as the hub gives it.</summary>
    public string Listing(Func<string, string>? change = null)
    {
        IEnumerable<string> entries = _files.Select(file =>
        {
#pragma warning disable CA5350 // What git calls a file's content is no secret and no signature.
            string blob = Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {file.Value.Length}\0"), .. file.Value]));
#pragma warning restore CA5350
            string large = file.Value.Length <= 1000 ? ""
                : $$""","lfs":{"sha256":"{{Convert.ToHexStringLower(SHA256.HashData(file.Value))}}","size":{{file.Value.Length}},"pointerSize":130}""";
            return $$"""{"rfilename":"{{file.Key}}","size":{{file.Value.Length}},"blobId":"{{blob}}"{{large}}}""";
        });
        string listing = $$"""{"id":"o/n","sha":"0123456789abcdef","siblings":[{{string.Join(',', entries)}}]}""";
        return change is null ? listing : change(listing);
    }

    protected override async Task ServeAsync(NetworkStream client)
    {
        if (certificate is null)
        {
            Serve(client);
            return;
        }
        using SslStream encrypted = new(client);
        await encrypted.AuthenticateAsServerAsync(certificate);
        Serve(encrypted);
    }

    private void Serve(Stream client)
    {
        using StreamReader reader = new(client, Encoding.ASCII, leaveOpen: true);
        string? path = reader.ReadLine()?.Split(' ')[1];
        if (path is null)
            return;
        string? range = null, authorization = null;
        for (string? line; (line = reader.ReadLine()) is { Length: > 0 };)
        {
            if (line.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase)) range = line[13..];
            if (line.StartsWith("Authorization: ", StringComparison.OrdinalIgnoreCase)) authorization = line[15..];
        }
        lock (Requests)
            Requests.Add((path, range, authorization));
        Answer answer = Instead(path) ?? Usual(path, range);
        string head = $"HTTP/1.1 {answer.Status} X\r\nConnection: close\r\nContent-Length: {answer.Promised ?? answer.Body.Length}\r\n{answer.Headers}\r\n";
        client.Write([.. Encoding.ASCII.GetBytes(head), .. answer.Body]);
    }

    private Answer Usual(string path, string? range)
    {
        if (path.StartsWith("/api/models/", StringComparison.Ordinal))
            return new Answer(200, Encoding.UTF8.GetBytes(Listing()));
        string name = path.Split("/resolve/0123456789abcdef/")[^1];
        if (!_files.TryGetValue(name, out byte[]? content))
            return new Answer(404, []);
        if (range is null)
            return new Answer(200, content);
        int from = int.Parse(range.TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
        return new Answer(206, content[from..]) { Headers = $"Content-Range: bytes {from}-{content.Length - 1}/{content.Length}\r\n" };
    }

    /// <summary>An answer: what is said of its length may differ from what is sent.</summary>
    internal sealed record Answer(int Status, byte[] Body)
    {
        public int? Promised { get; init; }

        public string Headers { get; init; } = "";
    }
}
