using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Diagnostics;

namespace Attune.Cli.Commands;

/// <summary><c>attune doctor</c>: what the machine has and what Attune chose.</summary>
internal sealed class DoctorCommand : Verb
{
    /// <summary>Declares the verb.</summary>
    public DoctorCommand()
        : base(
            "doctor",
            "Shows what the processor has, which kernels and how many threads are used, and how fast matrix products run.",
            "attune doctor",
            "attune doctor --json",
            "ATTUNE_ISA=avx2 attune doctor --threads 1")
    {
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var machine = Machine.Inspect();
        if (invocation.Json)
            invocation.WriteJson(json => Write(json, machine));
        else
            Print(invocation, machine);
        return ExitCode.Ok;
    }

    private static void Print(Invocation invocation, Machine machine)
    {
        var choice = machine.Forced ? $"{machine.Chosen} (forced by {Tensors.Isa.Variable})" : $"{machine.Chosen} (the fastest here)";
        invocation.WriteFields(
            ("attune", machine.Version),
            ("system", machine.System),
            ("runtime", machine.Runtime),
            ("processor", machine.Processor),
            ("processors", $"{machine.Processors}"),
            ("threads", $"{machine.Threads}"),
            ("memory", $"{machine.MemoryBytes / (1L << 20)} MB"),
            ("features", string.Join(", ", machine.Features.Where(feature => feature.Present).Select(feature => feature.Name))),
            ("kernels available", string.Join(", ", machine.Available)),
            ("kernels chosen", choice),
            ("denormals", machine.FlushesDenormals ? "flushed to zero" : "kept: the system forbids code made at run time, training may be slow"));
    }

    private static void Write(Utf8JsonWriter json, Machine machine)
    {
        json.WriteStartObject();
        json.WriteString("version", machine.Version);
        json.WriteString("system", machine.System);
        json.WriteString("runtime", machine.Runtime);
        json.WriteString("processor", machine.Processor);
        json.WriteNumber("processors", machine.Processors);
        json.WriteNumber("threads", machine.Threads);
        json.WriteNumber("memory_bytes", machine.MemoryBytes);
        json.WriteStartObject("features");
        foreach (var (name, present) in machine.Features)
            json.WriteBoolean(name, present);
        json.WriteEndObject();
        json.WriteStartArray("kernels_available");
        foreach (var set in machine.Available)
            json.WriteStringValue($"{set}");
        json.WriteEndArray();
        json.WriteString("kernels_chosen", $"{machine.Chosen}");
        json.WriteBoolean("kernels_forced", machine.Forced);
        json.WriteBoolean("denormals_flushed", machine.FlushesDenormals);
        json.WriteEndObject();
    }
}
