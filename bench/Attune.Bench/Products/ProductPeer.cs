using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Attune.Bench.Products;

/// <summary>A Python process that computes the same products with NumPy and PyTorch.</summary>
internal sealed class ProductPeer : IDisposable
{
    private readonly Process process;

    private ProductPeer(Process process, string name)
    {
        this.process = process;
        Name = name;
    }

    /// <summary>The libraries and their versions.</summary>
    public string Name { get; }

    /// <summary>Starts the peer.</summary>
    /// <exception cref="InvalidOperationException">There is no such Python, or it has no NumPy.</exception>
    public static ProductPeer Start(string python, int threads)
    {
        Process process = PeerProcess.Start(new ProcessStartInfo(python, [PeerScripts.Find("products.py"), threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        });
        if (process.StandardOutput.ReadLine() is not { } greeting)
        {
            using (process)
                throw new InvalidOperationException($"{python} products.py failed: {PeerProcess.Reason(process.StandardError.ReadToEnd())} See bench/peers/README.md, or leave the peer out with --python \"\".");
        }
        using var versions = JsonDocument.Parse(greeting);
        var torch = versions.RootElement.GetProperty("torch").GetString();
        var numpy = versions.RootElement.GetProperty("numpy").GetString();
        return new ProductPeer(process, torch is null ? $"NumPy {numpy}" : $"NumPy {numpy}, PyTorch {torch}");
    }

    /// <summary>The best time, in seconds, of the faster library.</summary>
    public double BestTime(ProductShape shape, double seconds)
    {
        process.StandardInput.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{shape.Rows} {shape.Depth} {shape.Columns} {shape.Layout} {seconds / 2}"));
        process.StandardInput.Flush();
        var answer = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The peer ended before it answered.");
        using var times = JsonDocument.Parse(answer);
        return times.RootElement.EnumerateObject().Min(time => time.Value.GetDouble());
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
