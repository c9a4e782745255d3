using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Attune.Tensors.Emit;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>
/// The tile of grouped products that suits the machine and the product: AMX, AVX-512 or AVX-VNNI code made at run time where the CPU has
/// the instructions, else <see cref="LaneTile"/>.
/// </summary>
internal readonly unsafe struct GroupTiles
{
    /// <summary>The most rows of any tile.</summary>
    public const int MostRows = AmxTileCode.Rows;

    /// <summary>Rows of a product below which AMX, which always computes 32, takes longer than vectors.</summary>
    private const int AmxRows = 8;

    private static readonly byte* TileConfiguration = Configure();

    private readonly GroupKind kind;
    private readonly VectorTiles? vector;
    private readonly delegate* unmanaged<GroupTileArguments*, void> amx;

    /// <summary>Chooses for <see cref="Isa.Current"/>.</summary>
    /// <param name="kind">What the groups hold.</param>
    /// <param name="rows">Rows of the product.</param>
    public GroupTiles(GroupKind kind, int rows)
    {
        this.kind = kind;
        vector = EmittedTiles.Vector(kind);
        if (Isa.Current >= InstructionSet.Amx && rows >= AmxRows)
            amx = EmittedTiles.OfAmx(kind);
    }

    /// <summary>Takes a function that works as AMX's code does.</summary>
    public GroupTiles(GroupKind kind, delegate* unmanaged<GroupTileArguments*, void> amx)
    {
        this.kind = kind;
        this.amx = amx;
    }

    /// <summary>Takes vector tiles that were made for something else than this machine.</summary>
    public GroupTiles(GroupKind kind, VectorTiles vector)
    {
        this.kind = kind;
        this.vector = vector;
    }

    /// <summary>The most rows of a tile.</summary>
    public int MaxRows => amx is not null ? AmxTileCode.Rows : vector?.MaxRows ?? LaneTile.MaxRows;

    /// <summary>Whether a tile of so many rows reads and writes no others.</summary>
    public bool IsExact(int rows) => amx is null || rows == AmxTileCode.Rows;

    /// <summary>Rows of the left operand that must be readable for tiles of all <paramref name="rows"/>.</summary>
    public int ReadableRows(int rows) => amx is null ? rows : rows + AmxTileCode.Rows - 1;

    /// <summary>The CPU's instructions that products of a kind run on; null if there are none made for it.</summary>
    public static string? Instructions(GroupKind kind) =>
        Isa.Current >= InstructionSet.Amx && EmittedTiles.OfAmx(kind) is not null ? "AMX" : EmittedTiles.Vector(kind)?.Name;

    /// <summary>C = A B for up to <see cref="MaxRows"/> rows and the columns of some panels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run<T>(int rows, GroupTileArguments* arguments)
        where T : struct, ILanes<T>
    {
        if (amx is null && vector is not null)
            vector.Of(rows)(arguments);
        else
            RunPanels<T>(rows, arguments);
    }

    // Tiles that know one panel only.
    private void RunPanels<T>(int rows, GroupTileArguments* arguments)
        where T : struct, ILanes<T>
    {
        arguments->TileConfiguration = TileConfiguration;
        for (; arguments->Panels > 0; arguments->Panels--)
        {
            if (amx is not null)
                amx(arguments);
            else
                LaneTile.Run<T>(kind, rows, arguments);
            arguments->B += kind.PanelBytes(arguments->Groups);
            arguments->C += GroupKinds.PanelColumns;
        }
    }

    private static byte* Configure()
    {
        var memory = (byte*)NativeMemory.AlignedAlloc(AmxTileCode.ConfigurationBytes, AmxTileCode.ConfigurationBytes);
        AmxTileCode.Configure(new Span<byte>(memory, AmxTileCode.ConfigurationBytes));
        return memory;
    }
}
