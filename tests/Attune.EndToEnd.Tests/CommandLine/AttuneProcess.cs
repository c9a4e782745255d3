using System.Diagnostics;
using System.Text.Json;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary>The built program, or another one, run as users run it.</summary>
internal static class AttuneProcess
{
    private const string Attune = "Attune.Cli.dll";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>What a run left: its exit code and what it wrote.</summary>
    public sealed record Result(int ExitCode, string Output, string Error)
    {
        /// <summary>The answer as JSON.</summary>
        public JsonElement Json() => JsonDocument.Parse(Output).RootElement;

        /// <summary>The lines about failures.</summary>
        public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Runs the program to its end.</summary>
    public static Result Run(params string[] arguments) => Run(arguments, input: null, environment: null);

    /// <summary>Runs the program to its end.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="input">What it reads from standard input; nothing if null.</param>
    /// <param name="environment">Variables set besides those of this process.</param>
    /// <param name="program">The assembly that is run.</param>
    public static Result Run(string[] arguments, string? input, IReadOnlyDictionary<string, string>? environment = null, string program = Attune)
    {
        using var process = Start(arguments, environment, program);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
            process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end.");
        }

        return new Result(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Starts the program; the caller waits for it.</summary>
    public static Process Start(string[] arguments, IReadOnlyDictionary<string, string>? environment = null, string program = Attune)
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, program));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["NO_COLOR"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
