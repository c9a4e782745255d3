using System.Text.Json;

namespace Attune.Bench.Rates;

/// <summary>One of those that are compared: how its turns are run, and what they gave.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Threads">How many threads it uses.</param>
/// <param name="Program">The program of a turn.</param>
/// <param name="Arguments">The program's arguments.</param>
/// <param name="Folder">The folder it runs in; null for the current one.</param>
internal sealed record Side(string Name, int Threads, string Program, IReadOnlyList<string> Arguments, string? Folder = null)
{
    private readonly List<JsonElement> _turns = [];

    /// <summary>Whether this is a form of Attune, whose rate is given beside the others'.</summary>
    public bool IsOurs { get; init; }

    /// <summary>The turns so far.</summary>
    public IReadOnlyList<JsonElement> Turns => _turns;

    /// <summary>Takes a turn.</summary>
    /// <exception cref="InvalidOperationException">The program failed.</exception>
    public void TakeTurn() => _turns.Add(PeerProcess.Run(Program, Arguments, Threads, Folder));

    /// <summary>A figure of every turn.</summary>
    public IReadOnlyList<double> Figures(string name) => [.. _turns.Select(turn => turn.TryGetProperty(name, out JsonElement value) ? value.GetDouble() : double.NaN)];
}
