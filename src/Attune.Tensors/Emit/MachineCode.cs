using Iced.Intel;

namespace Attune.Tensors.Emit;

/// <summary>Turns what an assembler has gathered into bytes.</summary>
internal static class MachineCode
{
    /// <summary>Where code may be placed does not matter as long as its jumps are relative.</summary>
    private const ulong AnyAddress = 0;

    /// <summary>The bytes of the program.</summary>
    public static byte[] Bytes(Assembler program)
    {
        using var bytes = new MemoryStream();
        program.Assemble(new StreamCodeWriter(bytes), AnyAddress);
        return bytes.ToArray();
    }
}
