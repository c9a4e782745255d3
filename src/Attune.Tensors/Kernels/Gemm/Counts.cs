namespace Attune.Tensors.Kernels.Gemm;

/// <summary>A number that is known when a generic method is compiled.</summary>
internal interface ICount
{
    /// <summary>The number.</summary>
    static abstract int Value { get; }
}

/// <summary>1.</summary>
internal readonly struct One : ICount
{
    public static int Value => 1;
}

/// <summary>2.</summary>
internal readonly struct Two : ICount
{
    public static int Value => 2;
}

/// <summary>3.</summary>
internal readonly struct Three : ICount
{
    public static int Value => 3;
}

/// <summary>4.</summary>
internal readonly struct Four : ICount
{
    public static int Value => 4;
}

/// <summary>5.</summary>
internal readonly struct Five : ICount
{
    public static int Value => 5;
}

/// <summary>6.</summary>
internal readonly struct Six : ICount
{
    public static int Value => 6;
}

/// <summary>7.</summary>
internal readonly struct Seven : ICount
{
    public static int Value => 7;
}

/// <summary>8.</summary>
internal readonly struct Eight : ICount
{
    public static int Value => 8;
}

/// <summary>9.</summary>
internal readonly struct Nine : ICount
{
    public static int Value => 9;
}

/// <summary>10.</summary>
internal readonly struct Ten : ICount
{
    public static int Value => 10;
}

/// <summary>11.</summary>
internal readonly struct Eleven : ICount
{
    public static int Value => 11;
}

/// <summary>12.</summary>
internal readonly struct Twelve : ICount
{
    public static int Value => 12;
}

/// <summary>13.</summary>
internal readonly struct Thirteen : ICount
{
    public static int Value => 13;
}

/// <summary>14.</summary>
internal readonly struct Fourteen : ICount
{
    public static int Value => 14;
}

/// <summary>How the left operand lies in memory, known when a generic method is compiled.</summary>
internal interface ILayout
{
    /// <summary>True if neighbours in memory are neighbours along the sum, false if they are neighbours along the rows.</summary>
    static abstract bool AlongDepth { get; }
}

/// <summary>A [rows, depth]: each row's terms of the sum are consecutive.</summary>
internal readonly struct AlongDepth : ILayout
{
    static bool ILayout.AlongDepth => true;
}

/// <summary>A [depth, rows]: each term's rows are consecutive.</summary>
internal readonly struct AlongRows : ILayout
{
    static bool ILayout.AlongDepth => false;
}
