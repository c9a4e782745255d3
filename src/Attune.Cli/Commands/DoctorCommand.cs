using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Attune.Cli.Shell;
using Attune.Diagnostics;
using Attune.Tensors;
using Attune.Tensors.Diagnostics;

namespace Attune.Cli.Commands;

/// <summary><c>attune doctor</c>: what the machine has and what Attune chose.</summary>
internal sealed class DoctorCommand : Verb
{
    private static readonly TimeSpan TimePerProduct = TimeSpan.FromSeconds(0.2);

    private readonly Option<bool> quick = new("--quick")
    {
        Description = "Leave out the measurement of matrix products.",
    };

    /// <summary>Declares the verb.</summary>
    public DoctorCommand()
        : base(
            "doctor",
            "Shows what the processor has, which kernels and how many threads are used, and how fast matrix products run.",
            "attune doctor",
            "attune doctor --json",
            "ATTUNE_ISA=avx2 attune doctor --threads 1")
    {
        Add(quick);
        Add(SharedOptions.Json);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var machine = Machine.Inspect();
        var speeds = invocation.Get(quick) ? [] : ProductSpeed.MeasureAll(TimePerProduct, invocation.Cancellation);
        if (invocation.Json)
        {
            invocation.WriteJson(json => Write(json, machine, speeds));
            return ExitCode.Ok;
        }

        Print(invocation, machine);
        if (speeds.Count > 0)
            Print(invocation, speeds);
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
            ("products", string.Join(", ", machine.Products.Select(p => $"{p.Precision}: {p.Instructions ?? "no instructions of its own, no faster than float32"}"))),
            ("AMX", Amx(machine)),
            ("denormals", machine.FlushesDenormals ? "flushed to zero" : "kept: the system forbids code made at run time, training may be slow"));
    }

    private static string Amx(Machine machine) => machine switch
    {
        { ProcessorHasAmx: false } => "not in this processor",
        { Chosen: InstructionSet.Amx } => "used for bf16 and int8 products of 8 rows and more",
        _ when machine.Available.Contains(InstructionSet.Amx) => $"usable, but left aside by {Tensors.Isa.Variable}",
        _ => "in this processor, but the system does not let programs use it; Linux does from 5.16 on",
    };

    private static void Print(Invocation invocation, IReadOnlyList<ProductSpeed> speeds) =>
        invocation.WriteTable(
            ["float32 product", ">rows", ">depth", ">columns", ">threads", ">GFLOP/s"],
            speeds.Select(speed => new[]
            {
                speed.Name, $"{speed.Rows}", $"{speed.Depth}", $"{speed.Columns}", $"{speed.Threads}",
                speed.GigaflopsPerSecond.ToString("0.0", CultureInfo.InvariantCulture),
            }));

    private static void Write(Utf8JsonWriter json, Machine machine, IReadOnlyList<ProductSpeed> speeds)
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
        json.WriteBoolean("processor_has_amx", machine.ProcessorHasAmx);
        json.WriteStartArray("kernels_available");
        foreach (var set in machine.Available)
            json.WriteStringValue($"{set}");
        json.WriteEndArray();
        json.WriteString("kernels_chosen", $"{machine.Chosen}");
        json.WriteBoolean("kernels_forced", machine.Forced);
        json.WriteStartObject("product_instructions");
        foreach (var (precision, instructions) in machine.Products)
            json.WriteString(precision, instructions);
        json.WriteEndObject();
        json.WriteBoolean("denormals_flushed", machine.FlushesDenormals);
        json.WriteStartArray("products");
        foreach (var speed in speeds)
        {
            json.WriteStartObject();
            json.WriteString("name", speed.Name);
            json.WriteNumber("rows", speed.Rows);
            json.WriteNumber("depth", speed.Depth);
            json.WriteNumber("columns", speed.Columns);
            json.WriteNumber("threads", speed.Threads);
            json.WriteNumber("gflops", Math.Round(speed.GigaflopsPerSecond, 2));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
