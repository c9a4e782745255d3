using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Attune.Formats;

namespace Attune.Hub;

/// <summary>
/// Requests to a hub. Redirects are followed by hand, because the access token must reach the hub and nobody else; a request that fails for a
/// reason that may pass is made again.
/// </summary>
internal sealed class HubConnection : IDisposable
{
    private const int MaxRedirects = 8;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly HubOptions _options;
    private readonly HubProxy _proxy;
    private readonly HttpClient _client;

    public HubConnection(HubOptions options)
    {
        _options = options;
        _proxy = new HubProxy(options.Proxy);
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false, ConnectTimeout = options.Timeout, UseCookies = false, Proxy = _proxy.Route };
        // Silence is timed at each read; a whole file may take hours.
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("attune", Diagnostics.AttuneVersion.Text));
    }

    /// <summary>A small answer, whole.</summary>
    /// <exception cref="HubException">The hub refused, or could not be reached.</exception>
    public async Task<byte[]> ReadAsync(Uri address, string what, CancellationToken cancellation)
    {
        MemoryStream content = new();
        await RepeatAsync(address, what, async () =>
        {
            content.SetLength(0);
            using HttpResponseMessage response = await SendAsync(address, what, 0, cancellation).ConfigureAwait(false);
            await CopyAsync(response, bytes =>
            {
                content.Write(bytes.Span);
                if (content.Length > JsonLimits.MaxConfigBytes)
                    throw new HubException($"{what}: {address} answered more than {JsonLimits.MaxConfigBytes} bytes, which no such answer has.");
            }, cancellation).ConfigureAwait(false);
            return false;
        }, cancellation).ConfigureAwait(false);
        return content.ToArray();
    }

    /// <summary>Makes a request whose answer is read by the caller.</summary>
    /// <param name="address">What is asked for.</param>
    /// <param name="what">Its name in messages.</param>
    /// <param name="offset">The first byte that is wanted.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>An answer of status 200, 206 or 416.</returns>
    /// <exception cref="HubException">The hub refused for good.</exception>
    /// <exception cref="PassingFailure">It may answer later.</exception>
    public async Task<HttpResponseMessage> SendAsync(Uri address, string what, long offset, CancellationToken cancellation)
    {
        Uri current = address;
        for (int redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, current);
            if (offset > 0)
                request.Headers.Range = new RangeHeaderValue(offset, null);
            if (_options.Token is { } token && SameServer(current, _options.Endpoint))
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            HttpResponseMessage response = await AnswerAsync(request, current, what, cancellation).ConfigureAwait(false);
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable)
                return response;
            using (response)
            {
                if ((int)response.StatusCode is < 300 or >= 400 || response.Headers.Location is not { } location)
                    throw Refusal(response, current, what);
                Uri next = new(current, location);
                if (next.Scheme != Uri.UriSchemeHttps && next.Scheme != _options.Endpoint.Scheme)
                    throw new HubException($"{what}: {current} redirects to {next}, which is not encrypted. It was not followed.");
                current = next;
            }
        }
        throw new HubException($"{what}: {address} redirects more than {MaxRedirects} times.");
    }

    /// <summary>Copies the body of an answer piece by piece; a server that falls silent is a failure that may pass.</summary>
    public async Task CopyAsync(HttpResponseMessage response, Action<ReadOnlyMemory<byte>> write, CancellationToken cancellation)
    {
        Stream body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            byte[] buffer = new byte[1 << 17];
            while (true)
            {
                int read = await WithinAsync(limit => body.ReadAsync(buffer, limit).AsTask(), cancellation).ConfigureAwait(false);
                if (read == 0)
                    return;
                write(buffer.AsMemory(0, read));
            }
        }
    }

    /// <summary>Does something until it succeeds; failures that may pass are counted anew whenever something came.</summary>
    /// <param name="address">What is asked for.</param>
    /// <param name="what">Its name in messages.</param>
    /// <param name="attempt">Does it; says whether it must be done again at once. Throws <see cref="PassingFailure"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task RepeatAsync(Uri address, string what, Func<Task<bool>> attempt, CancellationToken cancellation)
    {
        int failures = 0;
        while (true)
        {
            try
            {
                if (!await attempt().ConfigureAwait(false))
                    return;
            }
            catch (PassingFailure failure)
            {
                failures = failure.CameForward ? 1 : failures + 1;
                if (failures > _options.Retries)
                {
                    throw new HubException(
                        $"{what}: {address}{_proxy.Way(address)} could not be read: {failure.Message} (tried {failures} times). What has come is kept; run the same command again.",
                        failure);
                }
                TimeSpan wait = failure.Wait ?? _options.RetryDelay * Math.Pow(2, failures - 1);
                await Task.Delay(wait < LongestWait ? wait : LongestWait, cancellation).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, Uri address, string what, CancellationToken cancellation)
    {
        try
        {
            return await WithinAsync(limit => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit), cancellation).ConfigureAwait(false);
        }
        catch (PassingFailure failure) when (failure.InnerException is HttpRequestException { StatusCode: >= (HttpStatusCode)400 and < (HttpStatusCode)500 } refused)
        {
            // Without an answer to read, only a proxy that opens no tunnel has a status.
            throw _proxy.Refusal(address, what, refused.StatusCode, failure);
        }
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_options.Timeout);
        try
        {
            return await work(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new PassingFailure(string.Create(CultureInfo.InvariantCulture, $"the server was silent for {_options.Timeout.TotalSeconds:0} seconds"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new PassingFailure(e.Message, e);
        }
    }

    private HubException Refusal(HttpResponseMessage response, Uri address, string what)
    {
        int status = (int)response.StatusCode;
        if (status is 408 or 429 or >= 500)
        {
            throw new PassingFailure($"the server answered {status}")
            {
                Wait = response.Headers.RetryAfter?.Delta,
            };
        }
        if (response.StatusCode == HttpStatusCode.ProxyAuthenticationRequired)
            return _proxy.Refusal(address, what, response.StatusCode);
        return new HubException($"{what}: {address}{_proxy.Way(address)} answered {status}: " + status switch
        {
            401 or 403 when _options.Token is null => $"the model is private, gated or misspelt. Give an access token with --token or {HubOptions.TokenVariable}.",
            401 or 403 => "the access token does not open it. Ask for access on the model's page, or give another token.",
            404 => "there is no such model, revision or file. Check the spelling.",
            _ => response.ReasonPhrase ?? "refused.",
        })
        {
            IsRefusal = true,
        };
    }

    private static bool SameServer(Uri a, Uri b) => a.Scheme == b.Scheme && a.Port == b.Port && string.Equals(a.Host, b.Host, StringComparison.OrdinalIgnoreCase);
}
