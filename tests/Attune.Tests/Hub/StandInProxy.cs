using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Attune.Tests.Hub;

/// <summary>A proxy on this machine: hands plain requests on and tunnels encrypted ones, whatever host they name, to one port.</summary>
/// <param name="port">Where everything goes.</param>
internal sealed class StandInProxy(int port) : LoopbackServer
{
    /// <summary>The first line of every request and its Proxy-Authorization, in order.</summary>
    public List<(string Line, string? Authorization)> Requests { get; } = [];

    /// <summary>The name and password it asks for, with a colon between; null lets everybody in.</summary>
    public string? Password { get; init; }

    /// <summary>The status it refuses every request with; null refuses none.</summary>
    public int? Refusal { get; init; }

    protected override async Task ServeAsync(NetworkStream client)
    {
        List<string> head = [];
        for (string line; (line = await ReadLineAsync(client)).Length > 0;)
            head.Add(line);
        if (head.Count == 0)
            return;
        string? authorization = head.Find(line => line.StartsWith("Proxy-Authorization: ", StringComparison.OrdinalIgnoreCase))?[21..];
        lock (Requests)
            Requests.Add((head[0], authorization));
        string? expected = Password is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Password));
        if (Refusal is { } status)
        {
            await WriteAsync(client, $"HTTP/1.1 {status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        else if (expected is not null && authorization != expected)
        {
            await WriteAsync(
                client,
                "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=\"stand-in\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
        else
        {
            await PassOnAsync(client, head);
        }
    }

    private async Task PassOnAsync(NetworkStream client, List<string> head)
    {
        using TcpClient behind = new();
        await behind.ConnectAsync(IPAddress.Loopback, port);
        NetworkStream server = behind.GetStream();
        string[] request = head[0].Split(' ');
        if (request[0] == "CONNECT")
        {
            await WriteAsync(client, "HTTP/1.1 200 Connected\r\n\r\n");
            await Task.WhenAny(client.CopyToAsync(server), server.CopyToAsync(client));
            return;
        }
        IEnumerable<string> own = head.Skip(1).Where(line => !line.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase));
        await WriteAsync(server, string.Join("\r\n", [$"{request[0]} {new Uri(request[1]).PathAndQuery} {request[2]}", .. own, "", ""]));
        await server.CopyToAsync(client);
    }

    // Byte by byte, so that nothing of what follows the head is taken.
    private static async Task<string> ReadLineAsync(NetworkStream stream)
    {
        StringBuilder line = new();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one) == 1 && one[0] != '\n')
            line.Append((char)one[0]);
        return line.ToString().TrimEnd('\r');
    }

    private static ValueTask WriteAsync(NetworkStream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text));
}
