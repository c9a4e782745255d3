using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Attune.Bench.Steps;

/// <summary>What one side measured in one turn, a process of its own.</summary>
/// <param name="Milliseconds">The median time of a step.</param>
/// <param name="Gigaflops">The speed of the median step.</param>
/// <param name="Peak">The best product speed of that process.</param>
/// <param name="Megabytes">Its peak resident size.</param>
internal sealed record Turn(double Milliseconds, double Gigaflops, double Peak, double Megabytes)
{
    /// <summary>Runs a program that prints a line of JSON.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static Turn Run(string program, IReadOnlyList<string> arguments, int threads)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        // OpenBLAS has threads of its own, which torch.set_num_threads does not limit: "one thread" would be as many as there are processors.
        foreach (string variable in (string[])["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"])
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        using Process process = Process.Start(start)!;
        string line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        using var json = JsonDocument.Parse(line);
        double Figure(string name) => json.RootElement.GetProperty(name).GetDouble();
        return new Turn(Figure("ms"), Figure("gflops"), Figure("peak"), Figure("max_rss_mb"));
    }
}
