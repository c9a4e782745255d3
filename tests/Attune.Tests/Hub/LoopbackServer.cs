using System.Net;
using System.Net.Sockets;

namespace Attune.Tests.Hub;

/// <summary>Listens on a free port of this machine and serves each connection by itself.</summary>
internal abstract class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    protected LoopbackServer()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Where it listens.</summary>
    public virtual Uri Endpoint => new($"http://127.0.0.1:{Port}");

    public void Dispose() => _listener.Dispose();

    /// <summary>Serves one connection, which is closed after it.</summary>
    protected abstract Task ServeAsync(NetworkStream client);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                _ = Task.Run(async () =>
                {
                    using (client)
                        await ServeAsync(client.GetStream());
                });
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }
}
