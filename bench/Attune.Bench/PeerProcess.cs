using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Attune.Bench;

/// <summary>One turn of one side: a process that prints what it measured as a line of JSON.</summary>
internal static class PeerProcess
{
    /// <summary>Runs a program and reads its last line.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="threads">How many threads libraries with a pool of their own may use.</param>
    /// <param name="folder">The folder to run in; null for the current one.</param>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public static JsonElement Run(string program, IReadOnlyList<string> arguments, int threads, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        // OpenBLAS has threads of its own, which torch.set_num_threads does not limit: "one thread" would be as many as there are processors.
        foreach (string variable in (string[])["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "RAYON_NUM_THREADS"])
            start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        using Process process = Start(start);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with {process.ExitCode}: {Reason(errors.Result)}");
        using var json = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        return json.RootElement.Clone();
    }

    /// <summary>Starts a program.</summary>
    /// <exception cref="InvalidOperationException">There is no such program.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new InvalidOperationException($"'{start.FileName}' cannot be started; bench/peers/README.md tells how to install the peers.", failure);
        }
    }

    /// <summary>The line that says what went wrong, of all that a script leaves behind when it fails.</summary>
    public static string Reason(string errors)
    {
        string[] lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.FindLast(lines, line => line.Contains("rror:", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "it said nothing.";
    }
}
