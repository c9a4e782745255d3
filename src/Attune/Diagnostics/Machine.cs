using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Attune.Tensors;
using Attune.Tensors.Parallel;

namespace Attune.Diagnostics;

/// <summary>What Attune sees of the machine it runs on, and what it chose because of that.</summary>
public sealed record Machine
{
    /// <summary>The version of Attune.</summary>
    public required string Version { get; init; }

    /// <summary>The operating system.</summary>
    public required string System { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>The processor's name, or its architecture where it does not tell.</summary>
    public required string Processor { get; init; }

    /// <summary>The number of logical processors this process may use.</summary>
    public required int Processors { get; init; }

    /// <summary>The number of threads that compute.</summary>
    public required int Threads { get; init; }

    /// <summary>The memory this process may use, in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>The instruction-set extensions that matter here, and whether the processor has them.</summary>
    public required IReadOnlyList<(string Name, bool Present)> Features { get; init; }

    /// <summary>Whether the processor has AMX, be it <see cref="Available"/> to programs or not.</summary>
    public required bool ProcessorHasAmx { get; init; }

    /// <summary>The families of kernels this processor can run, the fastest last.</summary>
    public required IReadOnlyList<InstructionSet> Available { get; init; }

    /// <summary>The family of kernels in use.</summary>
    public required InstructionSet Chosen { get; init; }

    /// <summary>Whether the choice comes from the environment variable <see cref="Isa.Variable"/>.</summary>
    public required bool Forced { get; init; }

    /// <summary>The precisions of products with weights, and the instructions they run on; null where none are made for them.</summary>
    public required IReadOnlyList<(string Precision, string? Instructions)> Products { get; init; }

    /// <summary>Whether denormal numbers, which would slow a step many times, are treated as zero.</summary>
    public required bool FlushesDenormals { get; init; }

    /// <summary>Looks at this machine.</summary>
    /// <exception cref="PlatformNotSupportedException"><see cref="Isa.Variable"/> asks for what the processor does not have.</exception>
    public static Machine Inspect() => new()
    {
        Version = AttuneVersion.Text,
        System = RuntimeInformation.OSDescription,
        Runtime = RuntimeInformation.FrameworkDescription,
        Processor = ProcessorName(),
        Processors = Environment.ProcessorCount,
        Threads = Workers.Count,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Features = ProcessorFeatures(),
        ProcessorHasAmx = Isa.ProcessorHasAmx,
        Available = Isa.Available,
        Chosen = Isa.Current,
        Forced = !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(Isa.Variable)),
        Products = [.. Enum.GetValues<Precision>().Select(precision => (Precisions.NameOf(precision), Precisions.Instructions(precision)))],
        FlushesDenormals = FloatingPoint.CanFlushDenormals,
    };

    private static (string, bool)[] ProcessorFeatures() =>
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64
            ? [("NEON", AdvSimd.IsSupported), ("dot product", Dp.IsSupported)]
            :
            [
                ("AVX2", Avx2.IsSupported),
                ("FMA", Fma.IsSupported),
                ("AVX-512 F", Avx512F.IsSupported),
                ("AVX-512 BW", Avx512BW.IsSupported),
                ("AVX-512 DQ", Avx512DQ.IsSupported),
                ("AVX-512 VL", Avx512F.VL.IsSupported),
                ("AVX-512 VBMI", Avx512Vbmi.IsSupported),
                ("AMX", Isa.Available.Contains(InstructionSet.Amx)),
            ];

    /// <summary>The 48 letters that x86 processors tell about themselves, 16 a question.</summary>
    private static string ProcessorName()
    {
        const int highestExtended = unchecked((int)0x80000000), firstOfName = unchecked((int)0x80000002), partsOfName = 3;
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(highestExtended, 0).Eax < unchecked((uint)firstOfName + partsOfName - 1))
            return RuntimeInformation.ProcessArchitecture.ToString();
        Span<byte> name = stackalloc byte[16 * partsOfName];
        for (var part = 0; part < partsOfName; part++)
        {
            var (a, b, c, d) = X86Base.CpuId(firstOfName + part, 0);
            var letters = name[(16 * part)..];
            BinaryPrimitives.WriteInt32LittleEndian(letters, a);
            BinaryPrimitives.WriteInt32LittleEndian(letters[4..], b);
            BinaryPrimitives.WriteInt32LittleEndian(letters[8..], c);
            BinaryPrimitives.WriteInt32LittleEndian(letters[12..], d);
        }

        return Encoding.ASCII.GetString(name).Replace("\0", "", StringComparison.Ordinal).Trim();
    }
}
