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
        JsonElement json = PeerProcess.Run(program, arguments, threads);
        double Figure(string name) => json.GetProperty(name).GetDouble();
        return new Turn(Figure("ms"), Figure("gflops"), Figure("peak"), Figure("max_rss_mb"));
    }
}
